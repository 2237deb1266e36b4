/** Addresses, recordings and turns: the engines' part that needs no Node. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVmgsError } from "../../errors/index.ts";
import { fromHex } from "../../layout/index.ts";
import { findTpmObject, perform } from "../operations/index.ts";
import {
  encodeCommand,
  encodeRefusal,
  encodeReply,
  PersistentHandle,
  ReadPublic,
  SelfTest,
} from "../protocol/index.ts";
import {
  createTurns,
  parseTpmEngineAddress,
  recordedTpmEngine,
  recordingTpmEngine,
  type TpmExchange,
  tpmErrorKind,
} from "./index.ts";

describe("addresses", () => {
  test.each([
    ["swtpm://127.0.0.1:2321", { kind: "swtpm", host: "127.0.0.1", port: 2321, controlPort: 2322 }],
    ["swtpm://tpm.local:7?control=9", { kind: "swtpm", host: "tpm.local", port: 7, controlPort: 9 }],
    ["swtpm://[::1]:65535?control=none", { kind: "swtpm", host: "::1", port: 65_535, controlPort: null }],
    ["mssim://localhost:2321", { kind: "mssim", host: "localhost", port: 2321, platformPort: 2322 }],
    ["mssim://h:1/?platform=8", { kind: "mssim", host: "h", port: 1, platformPort: 8 }],
    ["device:/dev/tpmrm0", { kind: "device", path: "/dev/tpmrm0" }],
  ])("%s", (text, address) => {
    expect(parseTpmEngineAddress(text)).toEqual(address);
  });

  test.each([
    "",
    "swtpm",
    "swtpm://",
    "swtpm://h",
    "swtpm://h:0",
    "swtpm://h:65536",
    "swtpm://h:99999",
    "swtpm://h:65535",
    "swtpm://h:1?control=0",
    "swtpm://h:1?control=x",
    "swtpm://h:1?platform=2",
    "mssim://h:1?control=2",
    "mssim://h:1?platform=none",
    "swtpm://user@h:1",
    "http://h:1",
    "device:",
    "device:tpm0",
    "/dev/tpm0",
  ])("%j is refused", (text) => {
    expect(() => parseTpmEngineAddress(text)).toThrow(/is not a TPM engine: /);
  });

  test("any other text is refused in no other way", () => {
    const near = fc.stringMatching(/^(swtpm|mssim|device):?\/{0,2}[a-z:0-9.?=/[\]-]{0,30}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (text) => {
        try {
          parseTpmEngineAddress(text);
        } catch (error) {
          expect(isVmgsError(error, "VMGS_TPM_ADDRESS")).toBe(true);
        }
      }),
    );
  });
});

describe("a recording", () => {
  const exchanges: TpmExchange[] = [
    { command: encodeCommand(SelfTest, { fullTest: 1 }), reply: encodeReply(SelfTest, {}) },
    {
      command: encodeCommand(ReadPublic, { objectHandle: PersistentHandle.AK }),
      reply: encodeRefusal(0x18b),
    },
  ];

  test("answers what was recorded, in order", async () => {
    await using engine = recordedTpmEngine(exchanges);
    await perform(engine, SelfTest, { fullTest: 1 });
    expect(await findTpmObject(engine, PersistentHandle.AK)).toBeNull();
  });

  test("fails, as an engine does, at any other command and at its end, and goes on where it was", async () => {
    const engine = recordedTpmEngine(exchanges, "tape");
    const failing = findTpmObject(engine, PersistentHandle.AK);
    await expect(failing).rejects.toMatchObject({
      code: "VMGS_TPM_ENGINE",
      message: "tape: command 1 is ReadPublic instead of SelfTest",
      facts: { commandCode: 0x173, handle: PersistentHandle.AK },
    });
    await expect(perform(engine, SelfTest, { fullTest: 0 })).rejects.toThrow("SelfTest with other values");
    await perform(engine, SelfTest, { fullTest: 1 });
    await findTpmObject(engine, PersistentHandle.AK);
    await expect(perform(engine, SelfTest, { fullTest: 1 })).rejects.toThrow("it ends after 2 commands");
  });

  test("is made by a recording engine", async () => {
    const tape: TpmExchange[] = [];
    const engine = recordingTpmEngine(recordedTpmEngine(exchanges, "inner"), (exchange) =>
      tape.push(exchange),
    );
    await perform(engine, SelfTest, { fullTest: 1 });
    await findTpmObject(engine, PersistentHandle.AK);
    expect([engine.name, tape]).toEqual(["inner", exchanges]);
    expect([engine.powerCycle, engine.state]).toEqual([undefined, undefined]);
  });

  test("can be cancelled, and gives replies that nobody else holds", async () => {
    const engine = recordedTpmEngine([exchanges[0] as TpmExchange, exchanges[0] as TpmExchange]);
    const command = encodeCommand(SelfTest, { fullTest: 1 });
    await expect(engine.execute(command, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
    (await engine.execute(command)).fill(0);
    expect(await engine.execute(command)).toEqual(encodeReply(SelfTest, {}));
  });
});

describe("invalid replies", () => {
  const command = encodeCommand(ReadPublic, { objectHandle: PersistentHandle.AK });
  test.each([
    ["nothing", ""],
    ["nine bytes", "80010000000a000001"],
    ["a size that is not its own", "80010000000b0000018b"],
    ["the tag of sessions", "80020000000a0000018b"],
    ["a success without its values", "80010000000a00000000"],
  ])("%s is an invalid response, with command and handle", async (_, hex) => {
    const engine = recordedTpmEngine([{ command, reply: fromHex(hex) as Uint8Array }]);
    const error = await findTpmObject(engine, PersistentHandle.AK).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "VMGS_TPM_REPLY",
      facts: { commandCode: 0x173, handle: 0x8100_0003 },
    });
    expect(tpmErrorKind(error)).toBe("reply");
  });
});

describe("turns", () => {
  test("are taken in order, after failures too", async () => {
    const turns = createTurns();
    const order: number[] = [];
    const act = (n: number) => () =>
      Promise.resolve().then(() => {
        order.push(n);
        if (n === 1) throw new Error("one");
        return n;
      });
    const outcomes = await Promise.allSettled([turns(act(0)), turns(act(1)), turns(act(2))]);
    expect(order).toEqual([0, 1, 2]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("that were given up on are not taken", async () => {
    const turns = createTurns();
    let release: () => void = () => undefined;
    const first = turns(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const controller = new AbortController();
    let begun = false;
    const second = turns(async () => {
      begun = true;
    }, controller.signal);
    controller.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    release();
    await first;
    await turns(async () => undefined);
    expect(begun).toBe(false);
  });
});
