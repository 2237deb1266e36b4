// `npm test`: sets up what is missing, then runs all tests. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWhenStale, install, root } from "./setup.mjs";

install();
buildWhenStale();
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
