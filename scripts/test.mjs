// `npm test`: sets up what is missing, then runs all tests. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromDebian } from "./debian-packages.mjs";
import { buildWhenStale, install, root } from "./setup.mjs";

install();
buildWhenStale();
if (fromDebian("swtpm") === undefined) {
  console.error("swtpm is not installed and can't be installed here: the tests on a real TPM are skipped");
}
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
