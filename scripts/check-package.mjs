// Proves that the packages work for others: packed, installed into an empty project, typed, run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./setup.mjs";

const folder = mkdtempSync(join(tmpdir(), "vmgskit-package-"));
try {
  for (const name of ["vmgs", "cli"]) {
    const pkgDir = join(root, "packages", name);
    const { messages, pkg } = await publint({ pkgDir, strict: true });
    for (const message of messages) console.error(`${name}: ${formatMessage(message, pkg)}`);
    if (messages.length > 0) process.exit(1);
    run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: pkgDir });
  }
  const tarballs = readdirSync(folder).map((file) => join(folder, file));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--offline", ...tarballs], { cwd: folder });
  writeFileSync(
    join(folder, "use.ts"),
    `import { createMemoryDisk, FileId, openStore, provisionDisk, type Store } from "vmgskit";
import { header, picture } from "vmgskit/format";
import { nodeCipher, openDiskFile } from "vmgskit/node";

const disk = createMemoryDisk(65536);
await provisionDisk(disk);
const store: Store = await openStore(disk, { cipher: nodeCipher });
const marker = await store.readMarker();
if (marker?.marker.reason !== "empty" || !store.state.files.has(FileId.PROVISIONING_MARKER)) throw new Error("no marker");
if (picture(header, disk.image).rows.length === 0 || typeof openDiskFile !== "function") throw new Error("no picture");
`,
  );
  const options = [
    "--strict",
    "--target",
    "es2022",
    "--lib",
    "es2023,dom,esnext.disposable",
    "--skipLibCheck",
    "false",
  ];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    run(process.execPath, [tsc, ...options, "--module", module, "--moduleResolution", resolution, "use.ts"], {
      cwd: folder,
    });
  }
  run(process.execPath, ["use.js"], { cwd: folder });
  const vmgs = spawnSync(join(folder, "node_modules/.bin/vmgs"), ["--version"], { encoding: "utf8" });
  if (!/^\d+\.\d+\.\d+\n$/.test(vmgs.stdout)) {
    console.error(`the installed vmgs does not run: ${vmgs.stdout}${vmgs.stderr}`);
    process.exit(1);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
