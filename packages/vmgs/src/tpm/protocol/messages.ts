/** Commands and replies, written and read. No byte of a bad one gets further than here. */

import { checkBytes, checkObject, checkWhole } from "../../arguments/index.ts";
import { type ErrorFacts, VmgsError } from "../../errors/index.ts";
import { decode, decodeExactly, encode, hexNumber, LayoutError } from "../../layout/index.ts";
import { MAX_MESSAGE } from "./buffers.ts";
import {
  type AnyCommand,
  type CommandMessage,
  type CommandValues,
  checkCommand,
  type ReplyMessage,
  type ReplyValues,
} from "./command.ts";
import { commands } from "./commands.ts";
import {
  type Authorization,
  commandHeader,
  MESSAGE_HEADER_SIZE,
  passwordAcknowledgement,
  passwordAuthorization,
  replyHeader,
  TPM_ST,
} from "./message-layout.ts";
import { TPM_RC } from "./response-code.ts";

/** What a TPM said: the values of a success, or the code of a refusal. */
export type Reply<R> =
  | { readonly ok: true; readonly values: R }
  | { readonly ok: false; readonly responseCode: number };

/** A command as it was read. `authorizations` hold secrets; do not print them. */
export interface DecodedCommand {
  readonly command: AnyCommand;
  /** Handles and parameters, by name. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly authorizations: readonly Authorization[];
}

const tagOf = (command: AnyCommand) => (command.authorized ? TPM_ST.SESSIONS : TPM_ST.NO_SESSIONS);

/**
 * The bytes of a command.
 *
 * @param authValue authorization value for a password session; empty by default, ignored by commands without sessions
 * @throws VmgsError VMGS_TPM_INPUT when a value does not fit its field, or the command exceeds 4096 bytes.
 */
export function encodeCommand<C extends AnyCommand>(
  command: C,
  values: CommandValues<C>,
  authValue = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  checkCommand(command, "command");
  checkObject(values, "values");
  checkBytes(authValue, "authValue");
  const message = (commandSize: number): CommandMessage => ({
    header: { tag: tagOf(command), commandSize, commandCode: command.code },
    handles: values,
    authorizations: [passwordAuthorization(authValue)],
    parameters: values,
  });
  return withSize(command, (size) => encode(command.layout, message(size)));
}

/**
 * The bytes of a successful reply, as a TPM gives it to a password session. For engines that are not a TPM.
 *
 * @throws VmgsError VMGS_TPM_INPUT when a value does not fit its field, or the reply exceeds 4096 bytes.
 */
export function encodeReply<C extends AnyCommand>(
  command: C,
  values: ReplyValues<C>,
): Uint8Array<ArrayBuffer> {
  checkCommand(command, "command");
  checkObject(values, "values");
  const message = (responseSize: number): ReplyMessage => ({
    header: { tag: tagOf(command), responseSize, responseCode: TPM_RC.SUCCESS },
    handles: values,
    parameters: values,
    acknowledgements: [passwordAcknowledgement],
  });
  return withSize(command, (size) => encode(command.replyLayout, message(size)));
}

/** The bytes of a refusal: the same for every command. */
export function encodeRefusal(responseCode: number): Uint8Array<ArrayBuffer> {
  checkWhole(responseCode, "responseCode");
  return encode(replyHeader, { tag: TPM_ST.NO_SESSIONS, responseSize: MESSAGE_HEADER_SIZE, responseCode });
}

function withSize(
  command: AnyCommand,
  write: (size: number) => Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const facts = { commandCode: command.code };
  try {
    const { length } = write(0);
    if (length <= MAX_MESSAGE) return write(length);
    throw new VmgsError("VMGS_TPM_INPUT", `${command.name}: ${length} bytes, at most ${MAX_MESSAGE} fit`, {
      ...facts,
      bytes: length,
      limit: MAX_MESSAGE,
    });
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw new VmgsError("VMGS_TPM_INPUT", `${command.name}: ${cause.message}`, facts, { cause });
  }
}

/**
 * Reads a command. For engines that are not a TPM.
 *
 * @throws VmgsError VMGS_TPM_COMMAND when the bytes are not a known command.
 */
export function decodeCommand(bytes: Uint8Array): DecodedCommand {
  const refuse = (message: string, facts: ErrorFacts = {}, options?: ErrorOptions) =>
    new VmgsError("VMGS_TPM_COMMAND", message, facts, options);
  if (bytes.length < MESSAGE_HEADER_SIZE) throw refuse(`a command of ${bytes.length} bytes`);
  const { tag, commandSize, commandCode } = decode(commandHeader, bytes);
  const facts = { commandCode };
  const command = commands.find(({ code }) => code === commandCode);
  if (command === undefined) throw refuse(`command ${hexNumber(commandCode)} is not known here`, facts);
  if (commandSize !== bytes.length) {
    throw refuse(`${command.name}: ${bytes.length} bytes, the header says ${commandSize}`, facts);
  }
  if (tag !== tagOf(command)) throw refuse(`${command.name}: tag ${hexNumber(tag)}`, facts);
  try {
    const message = decodeExactly(command.layout, bytes);
    return {
      command,
      values: { ...message.handles, ...message.parameters },
      authorizations: message.authorizations ?? [],
    };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw refuse(`${command.name}: ${cause.message}`, facts, { cause });
  }
}

/**
 * Reads and judges the reply to a command: at least 10 bytes, the size it says, the tag that belongs to it, and
 * exactly the declared layout. A refusal by the TPM is a value, not an error.
 *
 * @param facts what the caller knows of the command, for the error: its handle, its NV index
 * @throws VmgsError VMGS_TPM_REPLY
 */
export function decodeReply<C extends AnyCommand>(
  command: C,
  bytes: Uint8Array,
  facts: ErrorFacts = {},
): Reply<ReplyValues<C>> {
  checkCommand(command, "command");
  checkBytes(bytes, "bytes");
  checkObject(facts, "facts");
  const refuse = (message: string, options?: ErrorOptions) =>
    new VmgsError(
      "VMGS_TPM_REPLY",
      `reply to ${command.name}: ${message}`,
      { ...facts, commandCode: command.code },
      options,
    );
  if (bytes.length < MESSAGE_HEADER_SIZE || bytes.length > MAX_MESSAGE) {
    throw refuse(`${bytes.length} bytes, expected ${MESSAGE_HEADER_SIZE} to ${MAX_MESSAGE}`);
  }
  const { tag, responseSize, responseCode } = decode(replyHeader, bytes);
  if (responseSize !== bytes.length) throw refuse(`${bytes.length} bytes, the header says ${responseSize}`);
  const ok = responseCode === TPM_RC.SUCCESS;
  if (tag !== (ok ? tagOf(command) : TPM_ST.NO_SESSIONS)) throw refuse(`tag ${hexNumber(tag, 4)}`);
  if (!ok) {
    if (bytes.length === MESSAGE_HEADER_SIZE) return { ok, responseCode };
    throw refuse(`a refusal (${hexNumber(responseCode, 3)}) of ${bytes.length} bytes`);
  }
  try {
    const message = decodeExactly(command.replyLayout, bytes);
    const sessions = message.acknowledgements?.length ?? 0;
    if (command.authorized && sessions !== 1) throw refuse(`${sessions} sessions are acknowledged, not 1`);
    return { ok, values: { ...message.handles, ...message.parameters } as ReplyValues<C> };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw refuse(cause.message, { cause });
  }
}
