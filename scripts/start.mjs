// `npm start -- ARGUMENTS`: sets up what is missing, then runs vmgs in the folder where npm was called. Without
// arguments it does the main job once: a store on disk, and a second look at it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildWhenStale, install, root } from "./setup.mjs";

install();
buildWhenStale();

const cwd = process.env.INIT_CWD ?? process.cwd();
const vmgs = (...args) =>
  spawnSync(process.execPath, [join(root, "packages/cli/bin/vmgs.cjs"), ...args], { cwd, stdio: "inherit" })
    .status ?? 1;

const args = process.argv.slice(2);
if (args.length > 0) process.exit(vmgs(...args));

const file = "vm.vmgs";
const made = existsSync(join(cwd, file)) ? 0 : vmgs("provision", file);
process.exit(made === 0 ? vmgs("inspect", file) : made);
