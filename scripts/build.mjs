// Builds both packages: the library with tsc, the command line bundled so that it starts fast.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { notices } from "./third-party-notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cli = join(root, "packages/cli");

await removeOrphans(join(root, "packages/vmgs"));

/** What was removed from the sources, or renamed, must not live on in the package. */
async function removeOrphans(library) {
  const built = await readdir(join(library, "dist"), { recursive: true }).catch(() => []);
  for (const file of built) {
    const [, stem] = /^(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(file) ?? [];
    if (stem === undefined || existsSync(join(library, "src", `${stem}.ts`))) continue;
    await rm(join(library, "dist", file));
  }
}
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
// Bundled as CommonJS, which starts faster than ES modules, and in chunks, so that a command parses only what it needs:
// `vmgs marker` is called in loops (docs/decisions/0009-command-line-bundle.md).
const sources = join(cli, "src");
// What nearly all commands need, and all that `vmgs marker` needs, lies in one file: opening ten costs more than parsing
// what they hold.
const START =
  /commander|cli.src.(commands.(index|marker)|field-lines|many-files|output-file|process-environment|program|version)\.ts/;
/** What packages do when they are loaded, which nobody uses here and which costs milliseconds. */
const LOADED_FOR_NOTHING = [
  // Commander can run commands as processes of their own; ours are none.
  [/commander.lib.command\.js$/, "require('node:child_process')", "{}"],
  // Colours are chosen for each stream; this sets standard output up to choose for all.
  [/picocolors.picocolors\.js$/, "(p.stdout || {}).isTTY", "false"],
];
const lean = {
  name: "loads-nothing-for-nothing",
  transform: {
    filter: { id: LOADED_FOR_NOTHING.map(([id]) => id) },
    handler(code, id) {
      const [, given, instead] = LOADED_FOR_NOTHING.find(([pattern]) => pattern.test(id));
      if (!code.includes(given)) throw new Error(`${id} has no ${given} any more`);
      return code.replace(given, instead);
    },
  },
};
const bundle = await rolldown({
  plugins: [lean],
  input: Object.fromEntries(["vmgs", "vmgstool", "man"].map((name) => [name, join(sources, `${name}.ts`)])),
  platform: "node",
  // Taken when a user has installed it.
  external: ["@azure/identity"],
  // Nothing else lies in an entry: whoever loaded it would run the command.
  preserveEntrySignatures: "strict",
  transform: { target: "node20.19" },
  checks: { ineffectiveDynamicImport: false },
  // Doors re-export much and do nothing: what nobody takes from them is not loaded.
  treeshake: { moduleSideEffects: (id) => (id.startsWith(sources) ? false : undefined) },
});
const { output } = await bundle.write({
  dir: join(cli, "dist"),
  format: "cjs",
  minify: true,
  entryFileNames: "[name].cjs",
  chunkFileNames: "[name]-[hash].cjs",
  codeSplitting: {
    groups: [
      { name: "common", test: START, priority: 1 },
      { name: "common", minShareCount: 20 },
    ],
  },
});
await bundle.close();
await writeFile(join(cli, "THIRD-PARTY-NOTICES"), notices(output.flatMap(({ moduleIds = [] }) => moduleIds)));

const { manPages } = createRequire(import.meta.url)(join(cli, "dist/man.cjs"));
await mkdir(join(cli, "man"), { recursive: true });
for (const [name, page] of await manPages()) await writeFile(join(cli, "man", name), page);
for (const name of ["vmgs", "cli"])
  await copyFile(join(root, "LICENSE"), join(root, "packages", name, "LICENSE"));
