/** Sends one command to an engine and judges the reply (spec: tpm, engine and helper). */

import { checkObject, checkSignal, optionsOf } from "../../arguments/index.ts";
import { type ErrorFacts, VmgsError } from "../../errors/index.ts";
import { checkSecret, type Secret } from "../../secret/index.ts";
import { checkEngine } from "../engine/engine.ts";
import { type TpmEngine, type TpmWaitOptions, tpmErrorKind } from "../engine/index.ts";
import {
  type AnyCommand,
  type CommandValues,
  decodeReply,
  describeHandle,
  describeResponseCode,
  encodeCommand,
  handleType,
  type Reply,
  type ReplyValues,
  TPM_HT,
  TPM_RC,
} from "../protocol/index.ts";

/** What a single command can be given. */
export interface PerformOptions extends TpmWaitOptions {
  /** Authorization value of the first handle; empty by default. */
  readonly authValue?: Secret | undefined;
}

export const checkPerformOptions = optionsOf({
  authValue: checkSecret,
  signal: checkSignal,
});

/** Codes that mean: send it again. */
const AGAIN: readonly number[] = [TPM_RC.RETRY, TPM_RC.YIELDED, TPM_RC.TESTING];
/** How often; with the pauses below that is about ten seconds, longer than any self-test takes. */
const MOST_ATTEMPTS = 25;
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 500;

/**
 * Executes a command. That the TPM refuses it is a value. A TPM that asks for it is sent the command again, for some
 * seconds.
 *
 * @throws VmgsError VMGS_TPM_ENGINE, VMGS_TPM_TIMEOUT, VMGS_TPM_REPLY, VMGS_TPM_INPUT, each with command, handle and
 * index; the reason of the signal
 */
export async function ask<C extends AnyCommand>(
  engine: TpmEngine,
  command: C,
  values: CommandValues<C>,
  options: PerformOptions = {},
): Promise<Reply<ReplyValues<C>>> {
  checkEngine(engine, "engine");
  checkObject(command, "command", "name", "code", "layout", "replyLayout");
  checkObject(values, "values");
  checkPerformOptions(options, "options");
  const { authValue, signal } = options;
  const facts = factsOf(command, values);
  try {
    const bytes = encodeCommand(command, values, authValue && new Uint8Array(authValue.expose()));
    for (let attempt = 1, time = FIRST_PAUSE; ; attempt++, time = Math.min(time * 2, LONGEST_PAUSE)) {
      signal?.throwIfAborted();
      const reply = decodeReply(command, await engine.execute(bytes, { signal }), facts);
      if (reply.ok || !AGAIN.includes(reply.responseCode) || attempt === MOST_ATTEMPTS) return reply;
      await pause(time, signal);
    }
  } catch (error) {
    if (!(error instanceof VmgsError) || tpmErrorKind(error) === null) throw error;
    throw new VmgsError(error.code, error.message, { ...facts, ...error.facts }, { cause: error.cause });
  }
}

/**
 * Executes a command that must succeed.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function perform<C extends AnyCommand>(
  engine: TpmEngine,
  command: C,
  values: CommandValues<C>,
  options: PerformOptions = {},
): Promise<ReplyValues<C>> {
  checkEngine(engine, "engine");
  checkObject(command, "command", "name", "code", "layout", "replyLayout");
  checkObject(values, "values");
  checkPerformOptions(options, "options");
  const reply = await ask(engine, command, values, options);
  if (reply.ok) return reply.values;
  throw refusal(command, values, reply.responseCode);
}

/** The error for a command that the TPM refused. */
export function refusal<C extends AnyCommand>(
  command: C,
  values: CommandValues<C>,
  responseCode: number,
): VmgsError {
  const facts = factsOf(command, values);
  const { handle, nvIndex } = facts;
  const subject = nvIndex ?? handle;
  const about = subject === undefined ? "" : ` of ${describeHandle(subject)}`;
  const message = `the TPM refused ${command.name}${about}: ${describeResponseCode(responseCode).words}`;
  return new VmgsError("VMGS_TPM_REFUSED", message, { ...facts, responseCode });
}

/** Names under which commands declare what they act on: the authorization first. */
const HANDLES = ["authHandle", "auth", "primaryHandle", "parentHandle", "objectHandle", "flushHandle"];

function factsOf(command: AnyCommand, values: object): ErrorFacts {
  const known = values as Readonly<Record<string, unknown>>;
  const handle = HANDLES.map((name) => known[name]).find((value) => typeof value === "number");
  const defined = known.publicInfo as { readonly nvIndex: number } | undefined;
  const nvIndex = known.nvIndex ?? defined?.nvIndex;
  return {
    commandCode: command.code,
    ...(typeof handle === "number" && { handle }),
    ...(typeof nvIndex === "number" && handleType(nvIndex) === TPM_HT.NV_INDEX && { nvIndex }),
  };
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const finish = () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}
