/** What engines have in common when something goes wrong: who failed, at which command. */

import { checkBytes, checkObject } from "../../arguments/index.ts";
import { type ErrorFacts, isVmgsError, VmgsError } from "../../errors/index.ts";
import { decode, hexNumber } from "../../layout/index.ts";
import {
  commandHeader,
  commandName,
  MAX_MESSAGE,
  MESSAGE_HEADER_SIZE,
  replyHeader,
} from "../protocol/index.ts";

/** What caused a failed operation (spec: tpm, engine and helper). */
export type TpmErrorKind = "engine" | "reply" | "input" | "refused";

/**
 * Which of the four kinds an error of the TPM is: the engine failed, its reply is invalid, the caller asked for
 * something invalid, or the TPM refused (`facts.responseCode` says with what). Null for any other error.
 */
export function tpmErrorKind(error: unknown): TpmErrorKind | null {
  if (isVmgsError(error, "VMGS_TPM_ENGINE", "VMGS_TPM_TIMEOUT", "VMGS_TPM_ENGINE_CANNOT")) return "engine";
  if (isVmgsError(error, "VMGS_TPM_REPLY")) return "reply";
  if (isVmgsError(error, "VMGS_TPM_INPUT", "VMGS_TPM_INDEX_SIZE", "VMGS_TPM_ADDRESS")) return "input";
  return isVmgsError(error, "VMGS_TPM_REFUSED") ? "refused" : null;
}

/** A command as a message names it, and its code as the fact of an error. */
export function nameCommand(command: Uint8Array): { readonly name: string; readonly facts: ErrorFacts } {
  checkBytes(command, "command");
  if (command.length < MESSAGE_HEADER_SIZE) return { name: `${command.length} bytes`, facts: {} };
  const { commandCode } = decode(commandHeader, command);
  return { name: commandName(commandCode) ?? `command ${hexNumber(commandCode)}`, facts: { commandCode } };
}

/**
 * How long the reply is that begins with these bytes: what an engine waits for, and no more.
 *
 * @throws VmgsError VMGS_TPM_REPLY when no reply can be as long as it says
 */
export function announcedSize(header: Uint8Array, facts: ErrorFacts = {}): number {
  checkBytes(header, "header");
  checkObject(facts, "facts");
  const { responseSize } = decode(replyHeader, header);
  if (responseSize >= MESSAGE_HEADER_SIZE && responseSize <= MAX_MESSAGE) return responseSize;
  throw new VmgsError(
    "VMGS_TPM_REPLY",
    `the engine announces a reply of ${responseSize} bytes, expected ${MESSAGE_HEADER_SIZE} to ${MAX_MESSAGE}`,
    { ...facts, bytes: responseSize, limit: MAX_MESSAGE },
  );
}
