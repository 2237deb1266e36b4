// The version stands in the package.json of the workspace. This writes it wherever else it has to be:
//
//   node scripts/version.mjs            into the packages, and into the library's source for browsers
//   node scripts/version.mjs --check    fails when a place has another one
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./setup.mjs";

const read = (path) => readFileSync(join(root, path), "utf8");
const { version } = JSON.parse(read("package.json"));
const own = ["vmgskit", "vmgskit-cli"];

/** A manifest with our version, and with it in what depends on our packages. */
function stamped(path) {
  const manifest = JSON.parse(read(path));
  manifest.version = version;
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"])
    for (const name of own) if (manifest[kind]?.[name] !== undefined) manifest[kind][name] = version;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const places = {
  "packages/vmgs/package.json": stamped("packages/vmgs/package.json"),
  "packages/cli/package.json": stamped("packages/cli/package.json"),
  "packages/vmgs/src/provisioning/version.ts": `/** Version of the library; written by scripts/version.mjs. */\nexport const version = "${version}";\n`,
};
const other = Object.entries(places).filter(([path, content]) => read(path) !== content);
if (process.argv.includes("--check")) {
  for (const [path] of other)
    console.error(`${path}: not of version ${version}; run \`node scripts/version.mjs\``);
  process.exit(other.length === 0 ? 0 : 1);
}
for (const [path, content] of other) writeFileSync(join(root, path), content);
