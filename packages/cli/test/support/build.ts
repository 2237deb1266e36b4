/** Before all tests: builds the executable when there is none, or one that is older than the sources. */

import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const bundle = join(root, "packages/cli/dist/vmgs.cjs");
const sources = ["packages/cli/src", "packages/vmgs/src"].map((folder) => join(root, folder));
const manifests = ["packages/cli/package.json", "packages/cli/man/vmgs.1", "packages/cli/man/vmgstool.1"].map(
  (file) => join(root, file),
);

export function setup(): void {
  if (isFresh()) return;
  const build = spawnSync(process.execPath, ["scripts/build.mjs"], { cwd: root, encoding: "utf8" });
  if (build.status === 0) return;
  throw new Error(
    `the executable can't be tested, because node scripts/build.mjs failed:\n${build.stdout}${build.stderr}`,
  );
}

function isFresh(): boolean {
  const [manifest = "", ...pages] = manifests;
  const built = changed(bundle);
  if (built === undefined || pages.some((page) => changed(page) === undefined)) return false;
  const inputs = [manifest, ...sources.flatMap(sourceFiles)];
  return inputs.every((file) => (changed(file) ?? 0) <= built);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));
}

function changed(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
