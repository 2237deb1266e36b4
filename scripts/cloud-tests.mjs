// The tests on servers of the cloud: installs Azurite from npm and moto from PyPI into a temporary folder, and runs them.
// Needs npm, Python 3 with venv, and both registries.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const AZURITE = "azurite@3.37.0";
const MOTO = "moto[server,s3]==5.*";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "vmgskit-cloud-"));

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error !== undefined) throw error;
  return status ?? 1;
}

function install(command, ...args) {
  if (run(command, args, { cwd: folder }) !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}

try {
  install("npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", AZURITE);
  install("python3", "-m", "venv", "python");
  install(join(folder, "python/bin/pip"), "install", "--quiet", MOTO);
  const env = {
    ...process.env,
    VMGSKIT_AZURITE: join(folder, "node_modules/azurite/dist/src/blob/main.js"),
    VMGSKIT_MOTO: join(folder, "python/bin/moto_server"),
  };
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  process.exitCode = run(process.execPath, [vitest, "run", "packages/cli/test/cloud"], { cwd: root, env });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
