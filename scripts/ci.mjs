// What .ci/run runs. Each step is run even when an earlier one failed, and all are counted at the end.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const reports = mkdtempSync(join(tmpdir(), "vmgskit-ci-"));
const CURRENT_NODE = "24";
let passed = 0;
let failed = 0;

/** Runs a step that counts as one. */
function step(name, command, args, options = {}) {
  console.log(`\n=== ${name}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    ...options,
  });
  if (status === 0) passed++;
  else failed++;
  console.log(`=== ${name}: ${status === 0 ? "passed" : "FAILED"}`);
  return status === 0;
}

/** Runs a step of vitest, whose tests are counted one by one. */
function tests(name, command, args, options = {}) {
  const report = join(reports, `${name.replaceAll(/\W+/g, "-")}.json`);
  const ok = step(
    name,
    command,
    [...args, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    options,
  );
  if (!existsSync(report)) return;
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests - (ok ? 1 : 0);
  failed += numFailedTests - (ok || numFailedTests === 0 ? 0 : 1);
}

const vitest = "node_modules/vitest/vitest.mjs";
const library = ["--root", "packages/vmgs"];

tests("the README's test command: npm test", "npm", ["test", "--silent", "--"]);
step("npm run check", "npm", ["run", "check", "--silent"]);
step("nothing is lost: npm run proof", process.execPath, ["scripts/proof.mjs", "--ci"]);
tests(`the library on Node ${CURRENT_NODE}`, "npx", [
  "--yes",
  `--package=node@${CURRENT_NODE}`,
  "--",
  "node",
  vitest,
  "run",
  ...library,
]);

const { chromium } = await import("./chromium.mjs");
const executable = chromium();
if (executable === undefined) {
  console.log("\n=== no Chromium can be had here: the browser run FAILED");
  failed++;
} else {
  const env = { ...process.env, CHROMIUM: executable };
  tests(
    "the library's core in a browser",
    process.execPath,
    [vitest, "run", ...library, "--config", "vitest.browser.config.ts"],
    { env },
  );
}

rmSync(reports, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
