/** Engines that hang, cut, flood, close or lie: a clear error with a code, never a hang. */

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder } from "../../../test/folder.ts";
import { portOf } from "../../../test/swtpm.ts";
import { isVmgsError, type VmgsError } from "../../errors/index.ts";
import {
  encodeCommand,
  encodeRefusal,
  encodeReply,
  initializeTpm,
  NV_Read,
  perform,
  SelfTest,
  TPM_RH,
  type TpmEngine,
  tpmErrorKind,
} from "../../tpm/index.ts";
import { openTpmEngine } from "./index.ts";

const question = encodeCommand(SelfTest, { fullTest: 1 });
const good = encodeReply(SelfTest, {});
/** What opening asks first; the answer does not matter, but that there is one does. */
const alive = encodeRefusal(0x100);

/** A server that answers the first command, and behaves as told at each further one. */
async function startServer(behave: (socket: Socket, turn: number) => void) {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => {
      if (turn++ === 0) socket.write(alive);
      else behave(socket, turn - 1);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `swtpm://127.0.0.1:${portOf(server)}?control=none`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function failureOf(action: Promise<unknown>): Promise<VmgsError> {
  const error = await action.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (isVmgsError(error)) return error;
  throw new Error("no error of ours", { cause: error });
}

const header = (size: number) => {
  const bytes = good.slice();
  new DataView(bytes.buffer).setUint32(2, size);
  return bytes;
};

describe("an engine that", () => {
  const cases: [name: string, behave: (socket: Socket) => void, code: string, words: RegExp][] = [
    ["never answers", () => undefined, "VMGS_TPM_TIMEOUT", /did not answer SelfTest within 0.2 s/],
    [
      "answers half of a header and hangs",
      (s) => s.write(good.subarray(0, 5)),
      "VMGS_TPM_TIMEOUT",
      /SelfTest/,
    ],
    ["answers a header and hangs", (s) => s.write(header(100)), "VMGS_TPM_TIMEOUT", /SelfTest/],
    ["closes without an answer", (s) => s.end(), "VMGS_TPM_ENGINE", /closed the connection without a reply/],
    ["resets the connection", (s) => s.resetAndDestroy(), "VMGS_TPM_ENGINE", /failed|closed/],
    ["closes in a header", (s) => s.end(good.subarray(0, 5)), "VMGS_TPM_REPLY", /after 5 of 10 bytes/],
    ["closes in a reply", (s) => s.end(header(100)), "VMGS_TPM_REPLY", /after 10 of 100 bytes/],
    ["announces too much", (s) => s.write(header(5000)), "VMGS_TPM_REPLY", /announces a reply of 5000 bytes/],
    ["announces 4 GiB", (s) => s.write(header(0xffff_ffff)), "VMGS_TPM_REPLY", /4294967295/],
    ["announces nothing", (s) => s.write(header(0)), "VMGS_TPM_REPLY", /announces a reply of 0 bytes/],
    [
      "sends more than its reply",
      (s) => s.write(Buffer.concat([good, good])),
      "VMGS_TPM_REPLY",
      /10 bytes more/,
    ],
    ["floods", (s) => s.write(Buffer.concat([good, Buffer.alloc(1 << 20)])), "VMGS_TPM_REPLY", /bytes more/],
  ];
  for (const [name, behave, code, words] of cases) {
    test(`${name} is an error that says so: ${code}`, async () => {
      await using server = await startServer(behave);
      await using engine = await openTpmEngine(server.address, { timeout: 200 });
      const error = await failureOf(engine.execute(question));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
      expect(error.facts.commandCode).toBe(0x143);
      expect(tpmErrorKind(error)).toBe(code === "VMGS_TPM_REPLY" ? "reply" : "engine");
    });
  }

  test("answers nonsense of the right length is an invalid response, with command, handle and index", async () => {
    const nonsense = encodeReply(NV_Read, { data: Uint8Array.of(1, 2, 3, 4) });
    nonsense[15] = 200;
    await using server = await startServer((socket) => socket.write(nonsense));
    await using engine = await openTpmEngine(server.address);
    const values = { authHandle: TPM_RH.OWNER, nvIndex: 0x01c1_01d0, size: 4, offset: 0 };
    const error = await failureOf(perform(engine, NV_Read, values));
    expect(error).toMatchObject({
      code: "VMGS_TPM_REPLY",
      facts: { commandCode: 0x14e, handle: TPM_RH.OWNER, nvIndex: 0x01c1_01d0 },
    });
  });

  test("answers byte by byte is patiently read", async () => {
    await using server = await startServer((socket) => {
      socket.setNoDelay(true);
      for (const byte of good) socket.write(Uint8Array.of(byte));
    });
    await using engine = await openTpmEngine(server.address);
    expect(await engine.execute(question)).toEqual(good);
  });

  test("failed once is connected to again: nothing of the old reply is taken for the new one", async () => {
    const late: Socket[] = [];
    await using server = await startServer((socket, turn) => {
      if (turn === 1) late.push(socket);
      else {
        for (const old of late) old.write(encodeRefusal(0x101));
        socket.write(good);
      }
    });
    await using engine = await openTpmEngine(server.address, { timeout: 200 });
    expect((await failureOf(engine.execute(question))).code).toBe("VMGS_TPM_TIMEOUT");
    expect(await engine.execute(question)).toEqual(good);
  });

  test("asks to be asked again is asked again, and obeyed in the end", async () => {
    let asked = 0;
    await using server = await startServer((socket, turn) => {
      asked = turn;
      socket.write(turn === 1 ? encodeRefusal(0x922) : turn === 2 ? encodeRefusal(0x90a) : good);
    });
    await using engine = await openTpmEngine(server.address);
    await perform(engine, SelfTest, { fullTest: 1 });
    expect(asked).toBe(3);
  });

  test("is not there is an error that says so", async () => {
    const server = await startServer(() => undefined);
    await server[Symbol.asyncDispose]();
    for (const address of [
      server.address,
      server.address.replace("swtpm", "mssim").replace("?control=none", ""),
    ]) {
      const error = await failureOf(openTpmEngine(address));
      expect([error.code, error.message]).toEqual([
        "VMGS_TPM_ENGINE",
        expect.stringMatching(/can't be reached: .*REFUSED/),
      ]);
    }
  });
});

describe("cancelling", () => {
  const hanging = () => startServer(() => undefined);

  async function expectAborted(action: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = action(controller.signal);
    setImmediate(() => controller.abort(reason));
    await expect(running).rejects.toBe(reason);
  }

  test("ends a command, an operation, and one that waits for its turn", async () => {
    await using server = await hanging();
    await using engine = await openTpmEngine(server.address);
    await expectAborted((signal) => engine.execute(question, { signal }));
    await expectAborted((signal) => initializeTpm(engine, { signal }));
    const controller = new AbortController();
    const first = engine.execute(question, { signal: controller.signal });
    await expectAborted((signal) => engine.execute(question, { signal }));
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
  });

  test("ends opening", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    await expectAborted((signal) => openTpmEngine(`swtpm://127.0.0.1:${port}?control=none`, { signal }));
    await expectAborted((signal) => openTpmEngine(`mssim://127.0.0.1:${port}?platform=${port}`, { signal }));
    server.close();
  });

  test("before anything began sends nothing", async () => {
    await using server = await hanging();
    await using engine = await openTpmEngine(server.address);
    const signal = AbortSignal.abort(new Error("no"));
    await expect(engine.execute(question, { signal })).rejects.toThrow("no");
    await expect(openTpmEngine(server.address, { signal })).rejects.toThrow("no");
  });

  test("ends the pause before a command is sent again", async () => {
    const controller = new AbortController();
    await using server = await startServer((socket, turn) => {
      socket.write(encodeRefusal(0x922));
      if (turn === 3) setImmediate(() => controller.abort());
    });
    await using engine = await openTpmEngine(server.address);
    const asked = perform(engine, SelfTest, { fullTest: 1 }, { signal: controller.signal });
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a device", () => {
  const open = (path: string): Promise<TpmEngine> => openTpmEngine(`device:${path}`, { timeout: 200 });

  test("that is not there, a folder or a file is an error that says so", async () => {
    const folder = await makeFolder();
    const file = join(folder, "tpm");
    await writeFile(file, "");
    expect((await failureOf(open(join(folder, "none")))).code).toBe("VMGS_FILE_NOT_FOUND");
    expect((await failureOf(open(folder))).code).toBe("VMGS_IS_DIRECTORY");
    expect(await failureOf(open(file))).toMatchObject({
      code: "VMGS_TPM_ENGINE",
      message: expect.stringContaining("not a character device"),
    });
  });

  test("that never has a reply is given up on, and can be cancelled", async () => {
    await using engine = await open("/dev/null");
    expect(await failureOf(engine.execute(question))).toMatchObject({
      code: "VMGS_TPM_TIMEOUT",
      facts: { commandCode: 0x143 },
    });
    const controller = new AbortController();
    const running = engine.execute(question, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(engine.powerCycle).toBeUndefined();
  });

  test("that gives nonsense, or takes no command, is an error that says so", async () => {
    await using zeros = await open("/dev/zero");
    expect((await failureOf(zeros.execute(question))).code).toBe("VMGS_TPM_REPLY");
    await using full = await open("/dev/full");
    expect(await failureOf(full.execute(question))).toMatchObject({
      code: "VMGS_TPM_ENGINE",
      message: expect.stringContaining("sending the command failed"),
    });
  });
});
