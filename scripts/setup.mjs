// Brings a fresh clone to where its commands run: installs dependencies when they are missing or other than the lock
// file says, and builds when a source is newer than the build. Needs nothing but Node and npm.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const built = join(root, "packages/cli/dist/vmgs.cjs");

/** Runs a command of the workspace; its output goes to standard error, so that ours stays clean. */
export function run(command, args, options = {}) {
  const shell = process.platform === "win32" && command === "npm";
  const { status } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell, ...options });
  if (status !== 0) process.exit(status ?? 1);
}

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return time;
}

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

export function install() {
  const installed = modified(join(root, "node_modules/.package-lock.json"));
  if (installed >= modified(join(root, "package-lock.json"))) return;
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

export function buildWhenStale() {
  const sources = Math.max(
    ...["packages/vmgs/src", "packages/cli/src", "scripts"].map((path) => newest(join(root, path))),
  );
  if (modified(built) < sources) run(process.execPath, [join(root, "scripts/build.mjs")]);
}
