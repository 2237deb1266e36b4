/** The sockets of the Microsoft simulator: framed commands, and a platform port for power (spec: tpm, sockets). */

import { checkText, checkWhole, withMembers } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { decode, encode, field, hexNumber, rest, struct, u8, u32be } from "../../layout/index.ts";
import {
  createTurns,
  MAX_MESSAGE,
  MESSAGE_HEADER_SIZE,
  type TpmEngine,
  type TpmEngineAddress,
  type TpmWaitOptions,
} from "../../tpm/index.ts";
import type { Connection, Wait } from "./connection.ts";
import { socketName } from "./names.ts";
import { refuseSurplus } from "./raw-exchange.ts";
import {
  checkTpmEngineOptions,
  createLine,
  DEFAULT_TIMEOUT,
  inTime,
  noAnswer,
  type TpmEngineOptions,
} from "./socket-engine.ts";

type Address = Extract<TpmEngineAddress, { kind: "mssim" }>;

const checkAddress = withMembers({ host: checkText, port: checkWhole, platformPort: checkWhole });

const SIGNAL = { POWER_ON: 1, POWER_OFF: 2, SEND_COMMAND: 8, NV_ON: 11, SESSION_END: 20 } as const;

const sendCommand = struct("send command", {
  signal: field(u32be, "8"),
  locality: field(u8, "locality of the command"),
  size: field(u32be, "bytes of the command"),
  command: field(rest, "the command"),
});
/** After a reply: the simulator's own verdict, 0. */
const VERDICT_SIZE = 4;

/**
 * Connects to a simulator and gives it power; one that has power is left as it is.
 *
 * @throws VmgsError VMGS_TPM_ENGINE, VMGS_TPM_TIMEOUT, VMGS_TPM_REPLY
 */
export async function openMssim(address: Address, options: TpmEngineOptions = {}): Promise<TpmEngine> {
  checkAddress(address, "address");
  checkTpmEngineOptions(options, "options");
  const { host, port, platformPort } = address;
  const { timeout = DEFAULT_TIMEOUT, signal } = options;
  const name = socketName("mssim", host, port);
  const line = createLine({ name, host, port });
  const platform = createLine({
    name: `the platform port ${platformPort} of ${name}`,
    host,
    port: platformPort,
  });
  const turns = createTurns();
  const power = (signals: readonly number[], { signal: given }: TpmWaitOptions) => {
    const message = `${platform.name} did not answer`;
    return inTime({ turns, timeout, signal: given, message }, (wait) =>
      platform.use(wait, async (connection) => {
        for (const number of signals) await sendSignal(connection, platform.name, number, wait);
      }),
    );
  };
  const close = async () => {
    for (const { open } of [line, platform]) open?.send(encode(u32be, SIGNAL.SESSION_END));
    line.close();
    platform.close();
  };
  const engine: TpmEngine = {
    name,
    execute: (command, { signal: given } = {}) =>
      inTime({ turns, timeout, signal: given, ...noAnswer(name, command) }, (wait) =>
        line.use(wait, (connection) => exchange(connection, name, command, wait)),
      ),
    powerCycle: (options = {}) => power([SIGNAL.POWER_OFF, SIGNAL.POWER_ON, SIGNAL.NV_ON], options),
    close,
    [Symbol.asyncDispose]: close,
  };
  try {
    await power([SIGNAL.POWER_ON, SIGNAL.NV_ON], { signal });
  } catch (error) {
    await close();
    throw error;
  }
  return engine;
}

async function sendSignal(connection: Connection, name: string, signal: number, wait: Wait): Promise<void> {
  connection.send(encode(u32be, signal));
  const verdict = decode(u32be, await connection.take(VERDICT_SIZE, wait));
  if (verdict === 0) return;
  const message = `${name} answers signal ${signal} with ${hexNumber(verdict)}`;
  throw new VmgsError("VMGS_TPM_ENGINE", message, { responseCode: verdict });
}

async function exchange(
  connection: Connection,
  name: string,
  command: Uint8Array,
  wait: Wait,
): Promise<Uint8Array<ArrayBuffer>> {
  const { SEND_COMMAND } = SIGNAL;
  connection.send(encode(sendCommand, { signal: SEND_COMMAND, locality: 0, size: command.length, command }));
  const size = decode(u32be, await connection.take(4, wait));
  if (size < MESSAGE_HEADER_SIZE || size > MAX_MESSAGE) {
    const message = `${name} announces a reply of ${size} bytes, expected ${MESSAGE_HEADER_SIZE} to ${MAX_MESSAGE}`;
    throw new VmgsError("VMGS_TPM_REPLY", message, { ...wait.facts, bytes: size, limit: MAX_MESSAGE });
  }
  const reply = new Uint8Array(await connection.take(size, wait, 4));
  const verdict = decode(u32be, await connection.take(VERDICT_SIZE, wait, 4 + size));
  if (verdict !== 0) {
    throw new VmgsError("VMGS_TPM_ENGINE", `${name} ends a reply with ${hexNumber(verdict)}`, wait.facts);
  }
  refuseSurplus(connection, size, wait);
  return reply;
}
