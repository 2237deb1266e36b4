/** The control channel of swtpm: power and state (swtpm_ioctls(3)). All numbers are big-endian. */

import { VmgsError } from "../../errors/index.ts";
import { decode, encode, field, hexNumber, struct, u32be } from "../../layout/index.ts";
import type { Connection, Wait } from "./connection.ts";

const CMD = { INIT: 2, GET_STATEBLOB: 12, SET_STATEBLOB: 13, STOP: 14 } as const;
/** The blob that survives a loss of power. */
const PERMANENT = 1;
/** More than any state of swtpm has; it is checked before memory is taken. */
const MAX_STATE = 1024 * 1024;

const command = struct("control command", { command: field(u32be, "number of the command") });
const init = struct("CMD_INIT", { ...command.fields, flags: field(u32be, "0 = keep the volatile state") });
const getState = struct("CMD_GET_STATEBLOB", {
  ...command.fields,
  flags: field(u32be, "0 = as it is stored"),
  type: field(u32be, "1 = permanent"),
  offset: field(u32be, "bytes to skip"),
});
const setState = struct("CMD_SET_STATEBLOB", {
  ...command.fields,
  flags: field(u32be, "0 = as it was stored"),
  type: field(u32be, "1 = permanent"),
  length: field(u32be, "bytes that follow"),
});

/** Gives the TPM power, after taking it away if it had any. */
export async function initialize(control: Connection, wait: Wait): Promise<void> {
  control.send(encode(init, { command: CMD.INIT, flags: 0 }));
  await result(control, wait, "CMD_INIT");
}

/** Takes power away. */
export async function stop(control: Connection, wait: Wait): Promise<void> {
  control.send(encode(command, { command: CMD.STOP }));
  await result(control, wait, "CMD_STOP");
}

/** The permanent state, of a TPM that has power. */
export async function readState(control: Connection, wait: Wait): Promise<Uint8Array<ArrayBuffer>> {
  let state = new Uint8Array(0);
  for (let offset = 0; ; ) {
    control.send(encode(getState, { command: CMD.GET_STATEBLOB, flags: 0, type: PERMANENT, offset }));
    await result(control, wait, "CMD_GET_STATEBLOB");
    await number(control, wait);
    const total = await number(control, wait);
    const length = await number(control, wait);
    if (total > MAX_STATE || offset + length > total) {
      const message = `swtpm announces ${length} bytes at ${offset} of a state of ${total}`;
      throw new VmgsError("VMGS_TPM_REPLY", message, { bytes: total, limit: MAX_STATE });
    }
    if (offset === 0) state = new Uint8Array(total);
    state.set(await control.take(length, wait), offset);
    offset += length;
    if (offset === total) return state;
    if (length === 0)
      throw new VmgsError("VMGS_TPM_REPLY", `swtpm's state ends after ${offset} of ${total} bytes`);
  }
}

/** Puts a permanent state into a TPM without power. */
export async function writeState(control: Connection, wait: Wait, state: Uint8Array): Promise<void> {
  const { length } = state;
  control.send(encode(setState, { command: CMD.SET_STATEBLOB, flags: 0, type: PERMANENT, length }));
  control.send(state);
  await result(control, wait, "CMD_SET_STATEBLOB");
}

async function number(control: Connection, wait: Wait): Promise<number> {
  return decode(u32be, await control.take(4, wait));
}

async function result(control: Connection, wait: Wait, name: string): Promise<void> {
  const code = await number(control, wait);
  if (code === 0) return;
  throw new VmgsError("VMGS_TPM_ENGINE", `swtpm answers ${name} with ${hexNumber(code)}`, {
    responseCode: code,
  });
}
