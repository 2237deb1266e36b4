/**
 * Speaks the Microsoft simulator's protocol and lets a real TPM answer: no package has a server of that protocol. Written
 * after the description of the protocol, apart from the client, byte by byte.
 */

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { TpmEngine } from "../src/tpm/index.ts";
import { portOf } from "./swtpm.ts";

export interface MssimBridge extends AsyncDisposable {
  readonly address: string;
  /** Signals that came to the platform port, in order. */
  readonly signals: number[];
  /** How often a session was ended in good order. */
  readonly ended: number;
}

const none = Buffer.alloc(4);

/** Starts the bridge before a TPM whose power can be switched. */
export async function startMssimBridge(tpm: TpmEngine): Promise<MssimBridge> {
  const signals: number[] = [];
  let ended = 0;
  let power = true;

  const command = await serve(async (take, socket) => {
    for (;;) {
      const signal = (await take(4)).readUInt32BE();
      if (signal === 20) {
        ended++;
        socket.end();
        return;
      }
      if (signal !== 8) throw new Error(`signal ${signal} on the command port`);
      const header = await take(5);
      const reply = await tpm.execute(await take(header.readUInt32BE(1)));
      const size = Buffer.alloc(4);
      size.writeUInt32BE(reply.length);
      socket.write(Buffer.concat([size, reply, none]));
    }
  });
  const platform = await serve(async (take, socket) => {
    for (;;) {
      const signal = (await take(4)).readUInt32BE();
      signals.push(signal);
      if (signal === 20) {
        ended++;
        socket.end();
        return;
      }
      if (signal === 2) power = false;
      if (signal === 1 && !power) {
        await tpm.powerCycle?.();
        power = true;
      }
      socket.write(none);
    }
  });
  return {
    address: `mssim://127.0.0.1:${portOf(command)}?platform=${portOf(platform)}`,
    signals,
    get ended() {
      return ended;
    },
    async [Symbol.asyncDispose]() {
      for (const server of [command, platform]) {
        server.close();
        await once(server, "close");
      }
    },
  };
}

type Take = (size: number) => Promise<Buffer>;

async function serve(session: (take: Take, socket: Socket) => Promise<void>): Promise<Server> {
  const server = createServer((socket) => {
    let buffered = Buffer.alloc(0);
    let wake: () => void = () => undefined;
    let over = false;
    socket.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      wake();
    });
    for (const event of ["close", "error"]) {
      socket.on(event, () => {
        over = true;
        wake();
      });
    }
    const take: Take = async (size) => {
      while (buffered.length < size) {
        if (over) throw new Error("the client went away");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const taken = buffered.subarray(0, size);
      buffered = buffered.subarray(size);
      return taken;
    };
    session(take, socket).catch(() => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
