// Builds both packages: the library with tsc, the command line bundled so that it starts fast.
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

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
// Bundled in chunks, so that a command parses only what it needs; then each chunk is turned into CommonJS, which starts
// faster than ES modules: `vmgs marker` is called in loops (docs/decisions/0009-command-line-bundle.md).
const target = "node20.19";
const toCommonJs = {
  format: "cjs",
  platform: "node",
  supported: { "dynamic-import": false },
  minify: true,
  target,
};
const { outputFiles } = await build({
  entryPoints: ["vmgs", "vmgstool", "man"].map((name) => join(cli, `src/${name}.ts`)),
  outdir: join(cli, "dist"),
  outExtension: { ".js": ".cjs" },
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "node",
  target,
  legalComments: "linked",
  logLevel: "warning",
  write: false,
});
await mkdir(join(cli, "dist"), { recursive: true });
for (const { path, text } of outputFiles) {
  const isCode = path.endsWith(".cjs");
  const code = isCode ? (await transform(text, toCommonJs)).code : text;
  await writeFile(path, code);
}

const { manPages } = createRequire(import.meta.url)(join(cli, "dist/man.cjs"));
await mkdir(join(cli, "man"), { recursive: true });
for (const [name, page] of await manPages()) await writeFile(join(cli, "man", name), page);
for (const name of ["vmgs", "cli"])
  await copyFile(join(root, "LICENSE"), join(root, "packages", name, "LICENSE"));
