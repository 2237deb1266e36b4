/** The conformance list, on a real TPM, on one that can't be restarted, and on TPMs that lie. */

import { describe, expect, test } from "vitest";
import { VmgsError } from "../../src/errors/index.ts";
import { openTpmEngine } from "../../src/node/tpm-engines/index.ts";
import {
  type ConformanceReport,
  conformanceChecks,
  runTpmConformance,
} from "../../src/tpm/conformance/index.ts";
import type { TpmEngine } from "../../src/tpm/engine/index.ts";
import {
  ChangeEPS,
  Clear,
  decodeCommand,
  decodeReply,
  encodeRefusal,
  encodeReply,
  NV_Read,
  NV_ReadPublic,
  NV_Write,
  ReadPublic,
  SelfTest,
} from "../../src/tpm/protocol/index.ts";
import { startSwtpm, whyNoSwtpm } from "../swtpm.ts";

const failed = ({ results }: ConformanceReport) =>
  results.filter(({ outcome }) => outcome === "fail").map(({ id }) => id);

/** An engine whose replies are changed on their way. */
function lying(engine: TpmEngine, lie: (command: Uint8Array, reply: Uint8Array) => Uint8Array): TpmEngine {
  const { powerCycle } = engine;
  return {
    ...engine,
    name: engine.name,
    ...(powerCycle && { powerCycle: (options) => powerCycle.call(engine, options) }),
    execute: async (command, options) => lie(command, await engine.execute(command, options)),
  };
}

const isCommand = (bytes: Uint8Array, code: number) => decodeCommand(bytes).command.code === code;

describe.skipIf(whyNoSwtpm !== null)(`swtpm${whyNoSwtpm === null ? "" : ` (skipped: ${whyNoSwtpm})`}`, () => {
  test("passes every check, with evidence, and is clean afterwards", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    const report = await runTpmConformance(engine);
    expect(report.results.map(({ id, outcome, reason }) => [id, outcome, reason])).toEqual(
      conformanceChecks.map(({ id }) => [id, "pass", null]),
    );
    expect(report).toMatchObject({ indexSize: 2048, tpm: { manufacturer: "IBM", largestIndex: 2048 } });
    for (const { evidence } of report.results) expect(evidence.length).toBeGreaterThan(0);
    const texts = report.results.flatMap(({ evidence }) => evidence.map(({ text }) => text));
    expect(texts.join("\n")).toContain("0x42060004");
    expect(texts.join("\n")).toContain("0x62060004");
    const again = await runTpmConformance(engine);
    expect(failed(again)).toEqual([]);
  });

  test("that can't be restarted skips what needs it, and says why", async () => {
    await using swtpm = await startSwtpm({ args: ["--flags", "not-need-init,startup-clear"] });
    await using engine = await openTpmEngine(`swtpm://127.0.0.1:${swtpm.port}?control=none`);
    const { results } = await runTpmConformance(engine);
    const skipped = results.filter(({ outcome }) => outcome === "skipped");
    expect(skipped.map(({ id }) => id)).toEqual(["identity-stable", "ak-persists"]);
    for (const { reason } of skipped) expect(reason).toContain("can't be restarted from here");
    expect(results.filter(({ outcome }) => outcome === "fail")).toEqual([]);
  });

  const lies: [name: string, lie: (command: Uint8Array, reply: Uint8Array) => Uint8Array, ids: string[]][] = [
    [
      "that reports other attributes",
      (command, reply) => {
        if (!isCommand(command, NV_ReadPublic.code)) return reply;
        const read = decodeReply(NV_ReadPublic, reply);
        if (!read.ok) return reply;
        const nvPublic = {
          ...read.values.nvPublic,
          attributes: read.values.nvPublic.attributes & ~0x0200_0000,
        };
        return encodeReply(NV_ReadPublic, { ...read.values, nvPublic });
      },
      ["index-attributes"],
    ],
    [
      "that loses data",
      (command, reply) => {
        const read = isCommand(command, NV_Read.code) ? decodeReply(NV_Read, reply) : undefined;
        return read?.ok === true ? encodeReply(NV_Read, { data: read.values.data.map(() => 7) }) : reply;
      },
      ["index-states", "index-owner"],
    ],
    [
      "that calls every write a success",
      (command, reply) => (isCommand(command, NV_Write.code) ? encodeReply(NV_Write, {}) : reply),
      ["index-bounds", "index-password"],
    ],
    [
      "that answers absence with another code",
      (command, reply) =>
        isCommand(command, NV_ReadPublic.code) && reply.length === 10 ? encodeRefusal(0x28b) : reply,
      [
        "clear",
        "index-states",
        "index-attributes",
        "index-absent",
        "index-bounds",
        "index-password",
        "index-owner",
      ],
    ],
  ];
  for (const [name, lie, ids] of lies) {
    test(`${name} fails exactly what it should`, async () => {
      await using swtpm = await startSwtpm();
      await using engine = await openTpmEngine(swtpm.address);
      expect(failed(await runTpmConformance(lying(engine, lie)))).toEqual(ids);
    });
  }

  test("whose seeds don't change, or whose Clear does nothing, fails", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    const lazy: TpmEngine = {
      ...lying(engine, (_, reply) => reply),
      execute: async (command, options) => {
        const { command: named } = decodeCommand(command);
        if (named.code === ChangeEPS.code) return encodeReply(ChangeEPS, {});
        return named.code === Clear.code ? encodeReply(Clear, {}) : engine.execute(command, options);
      },
    };
    expect(failed(await runTpmConformance(lazy))).toEqual(["identity-changes", "clear"]);
  });

  test("that dies under way fails one check; the rest is skipped", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    let tests = 0;
    const dying = lying(engine, (command, reply) => {
      if (isCommand(command, SelfTest.code) && ++tests === 3) throw new VmgsError("VMGS_TPM_ENGINE", "gone");
      return reply;
    });
    const { results } = await runTpmConformance(dying);
    expect(results.map(({ outcome }) => outcome).slice(0, 3)).toEqual(["pass", "fail", "skipped"]);
    expect(
      results.slice(2).every(({ outcome, reason }) => outcome === "skipped" && reason?.includes("gone")),
    ).toBe(true);
  });

  test("stops at once when it is cancelled", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    const controller = new AbortController();
    const onCheck = (title: string) => {
      if (title.startsWith("the AK persists")) controller.abort();
    };
    const running = runTpmConformance(engine, { signal: controller.signal, onCheck });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a TPM that invents objects is an invalid response, which fails the check", async () => {
    await using swtpm = await startSwtpm();
    await using engine = await openTpmEngine(swtpm.address);
    const inventing = lying(engine, (command, reply) =>
      isCommand(command, ReadPublic.code) ? reply.subarray(0, 5) : reply,
    );
    const { results } = await runTpmConformance(inventing);
    expect(results.find(({ id }) => id === "identity-changes")).toMatchObject({
      outcome: "fail",
      code: "VMGS_TPM_REPLY",
    });
  });
});
