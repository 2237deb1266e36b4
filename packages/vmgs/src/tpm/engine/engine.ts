/// <reference lib="esnext.disposable" preserve="true" />
/** What executes commands: a TPM at a socket or a device, or a recording of one (spec: tpm, engine and helper). */

import { type Check, checkBytes, checkSignal, having, optionsOf } from "../../arguments/index.ts";

/** What every wait can be given. */
export interface TpmWaitOptions {
  /** Ends the wait. The command itself may still be executed by the TPM. */
  readonly signal?: AbortSignal | undefined;
}

export const checkTpmWaitOptions = optionsOf({
  signal: checkSignal,
});

/**
 * The state of an engine as one blob. Engines agree on commands, not on this: a blob goes back only into an engine
 * of the same format.
 */
export interface TpmEngineState {
  /** Whose blob it is: `swtpm`, or `1.38` for what lies in file 3 of a store. */
  readonly format: string;
  /** Everything that survives a loss of power. Holds seeds and private keys: never print it. */
  save(options?: TpmWaitOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Takes power away, puts the state in and gives power again; the TPM then waits for Startup. */
  restore(state: Uint8Array, options?: TpmWaitOptions): Promise<void>;
}

/**
 * Executes TPM commands, one after the other in the order of the calls. Close it, or let `await using` do so.
 *
 * Everything it does fails with VmgsError VMGS_TPM_ENGINE when the other end can't be reached, closes or fails.
 * VMGS_TPM_TIMEOUT: it does not answer in time. VMGS_TPM_REPLY: what it answers is cut or too long; and with
 * the reason of the signal when that is aborted. After any of these the next command begins a new connection.
 */
export interface TpmEngine extends AsyncDisposable {
  /** The address, for people: `swtpm://127.0.0.1:2321`. */
  readonly name: string;
  /**
   * Executes one whole command and returns one whole reply, whose length is that of its header. What the reply says is
   * for `decodeReply` to judge.
   */
  execute(command: Uint8Array, options?: TpmWaitOptions): Promise<Uint8Array>;
  /** Takes power away and gives it again; the TPM then waits for Startup. Missing where that is not possible. */
  powerCycle?(options?: TpmWaitOptions): Promise<void>;
  /** Missing where the engine keeps its state to itself. */
  readonly state?: TpmEngineState;
  /** Ends the connection; the TPM runs on. */
  close(): Promise<void>;
}

/** What every engine's `execute` takes. */
export function checkExecute(command: Uint8Array, options: TpmWaitOptions): void {
  checkBytes(command, "command");
  checkTpmWaitOptions(options, "options");
}

export const checkEngine: Check = having("name", "execute", "close");
