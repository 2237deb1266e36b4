/** The client of the Microsoft simulator's protocol, against a bridge that lets a real swtpm answer. */

import { describe, expect, test } from "vitest";
import { startMssimBridge } from "../../../test/mssim-bridge.ts";
import { startSwtpm, whyNoSwtpm } from "../../../test/swtpm.ts";
import { createTpmAk, createTpmEk, initializeTpm, restartTpm, runFirstBoot } from "../../tpm/index.ts";
import { openTpmEngine } from "./index.ts";

describe.skipIf(whyNoSwtpm !== null)(`mssim${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`, () => {
  test("gives power, carries commands, restarts with kept state, and ends its sessions", async () => {
    await using swtpm = await startSwtpm();
    await using tpm = await openTpmEngine(swtpm.address);
    await using bridge = await startMssimBridge(tpm);
    {
      await using engine = await openTpmEngine(bridge.address);
      expect(bridge.signals).toEqual([1, 11]);
      expect(await initializeTpm(engine)).toEqual({ alreadyStarted: false });
      const ak = await createTpmAk(engine);
      const ek = await createTpmEk(engine);
      await restartTpm(engine);
      expect(bridge.signals).toEqual([1, 11, 2, 1, 11]);
      expect(await createTpmAk(engine)).toMatchObject({ created: false, modulus: ak.modulus });
      expect((await createTpmEk(engine)).modulus).toEqual(ek.modulus);
      expect(engine.state).toBeUndefined();
    }
    await expect.poll(() => bridge.ended).toBe(2);
  });

  test("runs a whole first boot", async () => {
    await using swtpm = await startSwtpm();
    await using tpm = await openTpmEngine(swtpm.address);
    await using bridge = await startMssimBridge(tpm);
    await using engine = await openTpmEngine(bridge.address);
    const outcome = await runFirstBoot(engine, {
      indexSize: 2048,
      certificate: new Uint8Array(1200).fill(0x30),
    });
    expect(outcome).toMatchObject({ certificate: "written", alreadyStarted: false, warnings: [] });
  });
});
