/** The device engine on a character device behind which a real TPM answers: a pseudo terminal, which socat connects. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../../test/folder.ts";
import { startSwtpm, whyNoSwtpm } from "../../../test/swtpm.ts";
import { runFirstBoot, runTpmConformance } from "../../tpm/index.ts";
import { openTpmEngine } from "./index.ts";

const why =
  whyNoSwtpm ??
  (spawnSync("socat", ["-V"]).status === 0
    ? null
    : "socat is not installed: apt-get install socat (npm test does it where it may)");

/** Connects a pseudo terminal at `path` with a port of this machine. */
async function startTerminal(path: string, port: number): Promise<ChildProcess> {
  const child = spawn("socat", [`PTY,raw,echo=0,link=${path}`, `TCP:127.0.0.1:${port}`], { stdio: "ignore" });
  while (!existsSync(path)) {
    if (child.exitCode !== null) throw new Error(`socat ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return child;
}

test.skipIf(why !== null)(
  `a first boot and the conformance list on a character device${why === null ? "" : ` (skipped: ${why})`}`,
  async () => {
    await using swtpm = await startSwtpm({ args: ["--flags", "not-need-init,startup-clear"] });
    const path = join(await makeFolder(), "tpm0");
    const terminal = await startTerminal(path, swtpm.port);
    try {
      await using engine = await openTpmEngine(`device:${path}`);
      const certificate = new Uint8Array(2000).fill(0x30);
      const outcome = await runFirstBoot(engine, { indexSize: 2048, certificate });
      expect(outcome).toMatchObject({ alreadyStarted: true, certificate: "written", ak: { canRenew: true } });
      const { results } = await runTpmConformance(engine);
      expect(results.filter(({ outcome }) => outcome === "fail")).toEqual([]);
      expect(results.filter(({ outcome }) => outcome === "skipped")).toHaveLength(2);
    } finally {
      const ended = once(terminal, "exit");
      terminal.kill();
      await ended;
    }
  },
);
