/** The swtpm engine on a real swtpm. */

import { describe, expect, test } from "vitest";
import { startSwtpm, whyNoSwtpm } from "../../../test/swtpm.ts";
import {
  createTpmAk,
  defineTpmNvIndex,
  encodeCommand,
  findTpmNvIndex,
  GetCapability,
  initializeTpm,
  NvIndexHandle,
  platformAkCertAttributes,
  restartTpm,
  TPM_CAP,
} from "../../tpm/index.ts";
import { openSwtpm, openTpmEngine } from "./index.ts";

const nvIndex = NvIndexHandle.ATTESTATION_REPORT;
const index = { nvIndex, size: 16, attributes: platformAkCertAttributes() };
const question = encodeCommand(GetCapability, {
  capability: TPM_CAP.TPM_PROPERTIES,
  property: 0x100,
  propertyCount: 1,
});

describe.skipIf(whyNoSwtpm !== null)(`swtpm${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`, () => {
  test("gets power when it has none, and keeps running when it has", async () => {
    await using swtpm = await startSwtpm();
    {
      await using engine = await openTpmEngine(swtpm.address);
      expect(engine.name).toBe(`swtpm://127.0.0.1:${swtpm.port}`);
      expect(await initializeTpm(engine)).toEqual({ alreadyStarted: false });
    }
    await using again = await openTpmEngine(swtpm.address);
    expect(await initializeTpm(again)).toEqual({ alreadyStarted: true });
  });

  test("works without a control channel when it was started with not-need-init, but can't be restarted then", async () => {
    await using swtpm = await startSwtpm({ args: ["--flags", "not-need-init,startup-clear"] });
    await using engine = await openTpmEngine(`swtpm://127.0.0.1:${swtpm.port}?control=none`);
    expect(await initializeTpm(engine)).toEqual({ alreadyStarted: true });
    expect([engine.powerCycle, engine.state]).toEqual([undefined, undefined]);
    await expect(restartTpm(engine)).rejects.toMatchObject({ code: "VMGS_TPM_ENGINE_CANNOT" });
  });

  test("without power and without a control channel is an error that says so", async () => {
    await using swtpm = await startSwtpm();
    await expect(openTpmEngine(`swtpm://127.0.0.1:${swtpm.port}?control=none`)).rejects.toMatchObject({
      code: "VMGS_TPM_ENGINE_CANNOT",
    });
  });

  test("keeps its state in its folder, over a restart of the process", async () => {
    await using first = await startSwtpm();
    {
      await using engine = await openTpmEngine(first.address);
      await initializeTpm(engine);
      await defineTpmNvIndex(engine, index);
    }
    await using second = await startSwtpm({ folder: await first.stop() });
    await using engine = await openTpmEngine(second.address);
    await initializeTpm(engine);
    expect(await findTpmNvIndex(engine, nvIndex)).toMatchObject({ dataSize: 16 });
  });

  test("gives its state, and takes it back into another one: the same AK", async () => {
    await using one = await startSwtpm();
    await using from = await openTpmEngine(one.address);
    await initializeTpm(from);
    const ak = await createTpmAk(from);
    const state = await from.state?.save();
    if (state === undefined) throw new Error("no state");
    await using other = await startSwtpm();
    await using to = await openTpmEngine(other.address);
    await to.state?.restore(state);
    await initializeTpm(to);
    expect(await createTpmAk(to)).toMatchObject({ created: false, modulus: ak.modulus });
  });

  test("that refuses a state says so, and runs on with the one it has", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    await initializeTpm(engine);
    await defineTpmNvIndex(engine, index);
    await expect(engine.state?.restore(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: "VMGS_TPM_ENGINE",
    });
    await initializeTpm(engine);
    expect(await findTpmNvIndex(engine, nvIndex)).not.toBeNull();
  });

  test("serves one client at a time: a second one is told after its time", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    await initializeTpm(engine);
    await expect(openTpmEngine(swtpm.address, { timeout: 100 })).rejects.toMatchObject({
      code: "VMGS_TPM_TIMEOUT",
      facts: { commandCode: 0x17a },
    });
  });

  test("commands that are asked for at once are served in order", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    await initializeTpm(engine);
    const replies = await Promise.all(Array.from({ length: 20 }, () => engine.execute(question)));
    expect(new Set(replies.map((reply) => reply.join())).size).toBe(1);
  });

  test("that ends while it is in use fails the command, and nothing hangs", async () => {
    const swtpm = await startSwtpm();
    await using engine = await openSwtpm({
      kind: "swtpm",
      host: "127.0.0.1",
      port: swtpm.port,
      controlPort: swtpm.controlPort,
    });
    await swtpm[Symbol.asyncDispose]();
    await expect(engine.execute(question)).rejects.toMatchObject({ code: "VMGS_TPM_ENGINE" });
    await expect(engine.powerCycle?.()).rejects.toMatchObject({ code: "VMGS_TPM_ENGINE" });
  });
});
