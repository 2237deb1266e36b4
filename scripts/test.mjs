// `npm test`: sets up what is missing, then runs all tests. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromDebian } from "./debian-packages.mjs";
import { buildWhenStale, install, root } from "./setup.mjs";

install();
buildWhenStale();
for (const [program, skipped] of [
  ["swtpm", "the tests on a real TPM"],
  ["socat", "the tests of TPM devices on a real TPM"],
]) {
  if (fromDebian(program) !== undefined) continue;
  console.error(`${program} is not installed, and was not installed: ${skipped} are skipped`);
}
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
