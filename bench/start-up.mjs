// Start-up: `vmgs marker FILE` beside `node -e 0`, as whole processes in turn. Limit: 1.5x, median of 20.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inTurn, ratio, table } from "./measure.mjs";

const vmgs = fileURLToPath(new URL("../packages/cli/bin/vmgs.cjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vmgskit-bench-"));
const file = join(folder, "vm.vmgs");
const node = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
  if (status !== 0) throw new Error(`${args.join(" ")} failed`);
};
node(vmgs, "provision", file);
const [idle, marker, inspect] = await inTurn(
  [() => node("-e", "0"), () => node(vmgs, "marker", file), () => node(vmgs, "inspect", file)],
  20,
);
table("Start-up, median of 20 (limit for marker: 1.5x)", [
  ["node -e 0", `${idle.toFixed(0)} ms`, ""],
  ["vmgs marker FILE", `${marker.toFixed(0)} ms`, ratio(marker, idle)],
  ["vmgs inspect FILE", `${inspect.toFixed(0)} ms`, ratio(inspect, idle)],
]);
rmSync(folder, { recursive: true });
