// Builds both packages: the library with tsc, the command line bundled so that it starts fast.
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const cli = join(root, "packages/cli");

const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "packages/vmgs/tsconfig.node.json"], {
  cwd: root,
  stdio: "inherit",
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

await rm(join(cli, "dist"), { recursive: true, force: true });
await build({
  entryPoints: { vmgs: join(cli, "src/vmgs.ts"), man: join(cli, "src/man.ts") },
  outdir: join(cli, "dist"),
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: false,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Libraries in CommonJS ask for Node's own modules through require.
  banner: { js: 'import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);' },
  legalComments: "linked",
  logLevel: "warning",
});

const { manPages } = await import(pathToFileURL(join(cli, "dist/man.js")).href);
await mkdir(join(cli, "man"), { recursive: true });
for (const [name, page] of await manPages()) await writeFile(join(cli, "man", name), page);
for (const name of ["vmgs", "cli"]) await copyFile(join(root, "LICENSE"), join(root, "packages", name, "LICENSE"));
