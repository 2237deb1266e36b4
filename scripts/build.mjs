// Builds both packages: the library with tsc, the command line bundled so that it starts fast.
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cli = join(root, "packages/cli");

const tsc = spawnSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-b", "packages/vmgs/tsconfig.node.json"],
  {
    cwd: root,
    stdio: "inherit",
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

await rm(join(cli, "dist"), { recursive: true, force: true });
// Libraries that few commands use lie in files of their own, so that the others need not parse them.
const vendors = ["cli-table3", "cli-progress"];
const vendorFile = (name) => `./vendor/${name.replaceAll(/\W+/g, "-")}.cjs`;
const common = {
  bundle: true,
  minify: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  legalComments: "linked",
  logLevel: "warning",
};
for (const name of vendors) {
  await build({
    ...common,
    entryPoints: [fileURLToPath(import.meta.resolve(name))],
    outfile: join(cli, "dist", vendorFile(name)),
  });
}
const apartVendors = {
  name: "vendors",
  setup({ onResolve }) {
    const filter = new RegExp(`^(${vendors.map((name) => name.replaceAll(/[./]/g, "\\$&")).join("|")})$`);
    onResolve({ filter }, ({ path }) => ({ path: vendorFile(path), external: true }));
  },
};
// CommonJS starts faster than ES modules: `vmgs marker` is called in loops (docs/performance.md).
for (const name of ["vmgs", "man"]) {
  await build({
    ...common,
    entryPoints: [join(cli, `src/${name}.ts`)],
    outfile: join(cli, "dist", `${name}.cjs`),
    plugins: [apartVendors],
  });
}

const { manPages } = await import(pathToFileURL(join(cli, "dist/man.cjs")).href);
await mkdir(join(cli, "man"), { recursive: true });
for (const [name, page] of await manPages()) await writeFile(join(cli, "man", name), page);
for (const name of ["vmgs", "cli"])
  await copyFile(join(root, "LICENSE"), join(root, "packages", name, "LICENSE"));
