// Proves that the packages work for others: packed, installed into an empty project, typed, run; and so does every
// TypeScript snippet of the README and the guide.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, run } from "./setup.mjs";

/** The oldest TypeScript that our types work with; README.md states it. */
const OLDEST_TYPESCRIPT = "5.7";
const folder = mkdtempSync(join(tmpdir(), "vmgskit-package-"));
try {
  for (const name of ["vmgs", "cli"]) {
    const pkgDir = join(root, "packages", name);
    const { messages, pkg } = await publint({ pkgDir, strict: true });
    for (const message of messages) console.error(`${name}: ${formatMessage(message, pkg)}`);
    if (messages.length > 0) process.exit(1);
    checkContents(name, pkgDir);
    run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: pkgDir });
  }
  const tarballs = readdirSync(folder).map((file) => join(folder, file));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", ...tarballs], { cwd: folder });
  writeFileSync(
    join(folder, "use.ts"),
    `import { createMemoryDisk, FileId, isVmgsError, memorySource, openStore, provisionDisk, type Store } from "vmgskit";
import { diagnose, forecastBoot } from "vmgskit/diagnose";
import { header, picture } from "vmgskit/format";
import { nodeCipher, openDiskFile } from "vmgskit/node";
import { readResourceSync } from "vmgskit/pe";

const disk = createMemoryDisk(65536);
await provisionDisk(disk);
const store: Store = await openStore(disk, { cipher: nodeCipher });
const marker = await store.readMarker();
if (marker?.marker.reason !== "empty" || !store.state.files.has(FileId.PROVISIONING_MARKER)) throw new Error("no marker");
const { verdict } = await diagnose(memorySource(disk.image), { container: "raw", sectorSize: 512 });
const { lifetimes } = await forecastBoot(memorySource(disk.image), { container: "raw", sectorSize: 512 });
if (verdict !== "sound" || lifetimes.length !== 4) throw new Error("no diagnosis");
if (picture(header, disk.image).rows.length === 0 || typeof openDiskFile !== "function") throw new Error("no picture");
try {
  readResourceSync({ byteLength: 0, readSync: () => {} }, { type: "VMFW", id: 1 });
  throw new Error("no bytes hold no resource");
} catch (error) {
  if (!isVmgsError(error, "VMGS_PE_FORMAT")) throw error;
}
`,
  );
  const snippets = ["README.md", "docs/guide.md"].flatMap((page) => codeOf(page));
  for (const [i, code] of snippets.entries()) writeFileSync(join(folder, `snippet-${i}.ts`), code);
  const names = ["use", ...snippets.map((_, i) => `snippet-${i}`)];
  const doors = Object.keys(
    JSON.parse(readFileSync(join(root, "packages/vmgs/package.json"), "utf8")).exports,
  )
    .filter((door) => !/node|json/.test(door))
    .map((door, i) => `export * as door${i} from "vmgskit${door.slice(1)}";\n`);
  writeFileSync(join(folder, "browser.ts"), doors.join(""));
  const oldest = ["install", "--silent", "--no-audit", "--no-fund", `typescript@${OLDEST_TYPESCRIPT}`];
  run("npm", oldest, { cwd: folder });
  const options = ["--strict", "--target", "es2022", "--skipLibCheck", "false"];
  for (const modules of [root, folder]) {
    const tsc = join(modules, "node_modules/typescript/bin/tsc");
    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ]) {
      const args = [tsc, ...options, "--module", module, "--moduleResolution", resolution];
      const inNode = ["--lib", "es2023,dom,esnext.disposable", ...names.map((name) => `${name}.ts`)];
      run(process.execPath, [...args, ...inNode], { cwd: folder });
      // Doors for browsers need no library of types but those of every browser project.
      const inBrowser = ["--lib", "es2022,dom", "--noEmit", "browser.ts"];
      run(process.execPath, [...args, ...inBrowser], { cwd: folder });
    }
  }
  run(join(folder, "node_modules/.bin/vmgs"), ["provision", "vm.vmgs"], { cwd: folder });
  for (const name of names) {
    // The guide makes its own store.
    if (readFileSync(join(folder, `${name}.ts`), "utf8").includes("createDiskFile("))
      rmSync(join(folder, "vm.vmgs"));
    run(process.execPath, [`${name}.js`], { cwd: folder });
  }
  run(join(folder, "node_modules/.bin/vmgstool"), ["create", "-f", "tool.vmgs"], { cwd: folder });
  const query = ["query-size", "-f", "tool.vmgs", "-i", "FILE_TABLE"];
  const tool = spawnSync(join(folder, "node_modules/.bin/vmgstool"), query, {
    cwd: folder,
    encoding: "utf8",
  });
  if (tool.stdout !== "4096\n") {
    console.error(`the installed vmgstool does not run: ${tool.stdout}${tool.stderr}`);
    process.exit(1);
  }
  const vmgs = spawnSync(join(folder, "node_modules/.bin/vmgs"), ["--version"], { encoding: "utf8" });
  if (!/^\d+\.\d+\.\d+\n$/.test(vmgs.stdout)) {
    console.error(`the installed vmgs does not run: ${vmgs.stdout}${vmgs.stderr}`);
    process.exit(1);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** No leftovers of the build, nothing that points to what is not shipped, and the licence of every bundled package. */
function checkContents(name, pkgDir) {
  const pack = ["pack", "--dry-run", "--json", "--silent"];
  const { stdout } = spawnSync("npm", pack, {
    cwd: pkgDir,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path);
  const faults = files.filter((file) => /\.(map|tsbuildinfo)$|\.test\./.test(file));
  for (const file of files.filter((path) => /\.(c?js|d\.ts)$/.test(path))) {
    if (readFileSync(join(pkgDir, file), "utf8").includes("//# sourceMappingURL=")) faults.push(file);
  }
  if (name === "cli") {
    const notices = readFileSync(join(pkgDir, "THIRD-PARTY-NOTICES"), "utf8");
    if (!files.includes("THIRD-PARTY-NOTICES")) faults.push("THIRD-PARTY-NOTICES is not shipped");
    // What users install by themselves is not shipped.
    const optional = JSON.parse(readFileSync(join(pkgDir, "package.json"), "utf8")).peerDependencies ?? {};
    for (const imported of [...importedPackages()].filter((one) => !(one in optional))) {
      if (!notices.includes(`\n${imported} `)) faults.push(`THIRD-PARTY-NOTICES does not name ${imported}`);
    }
  }
  if (faults.length === 0) return;
  console.error(`the package of ${name} is not as it should be:\n${faults.join("\n")}`);
  process.exit(1);
}

/** Other people's packages that the command line itself imports. What the library imports is bundled only where it is used. */
function importedPackages() {
  const found = new Set();
  const folder = join(root, "packages/cli/src");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const text = readFileSync(join(folder, file), "utf8").replaceAll(/^import type [^;]*;/gm, "");
    for (const [, name] of text.matchAll(/(?:from |import\()"((?:@[^/"]+\/)?[a-z][^/":]*)["/]/g)) {
      if (name !== "vmgskit") found.add(name);
    }
  }
  return found;
}

/** The TypeScript of a page of the documentation. */
function codeOf(page) {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
}
