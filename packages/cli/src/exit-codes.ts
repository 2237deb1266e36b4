/** Exit codes of `vmgs` (conventions: exit codes). */

import { type ErrorCode, isVmgsError } from "vmgskit";

export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  foundBad: 3,
  keyNeeded: 4,
  notFound: 5,
  interrupted: 130,
} as const;

const KEY_ERRORS: readonly ErrorCode[] = [
  "VMGS_NEEDS_UNLOCK",
  "VMGS_WRONG_KEY",
  "VMGS_KEY_LENGTH",
  "VMGS_KEY_ZERO",
  "VMGS_TENANT_KEY_LOCKED",
];

const NOT_FOUND_ERRORS: readonly ErrorCode[] = [
  "VMGS_FILE_NOT_ALLOCATED",
  "VMGS_UEFI_VARIABLE_NOT_FOUND",
  "VMGS_V1_STATE_NOT_FOUND",
];

/** A mistake in how the command was called. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

/** Something that was asked for is not there, though nothing failed. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof NotFoundError) return ExitCode.notFound;
  if (isAbort(error)) return ExitCode.interrupted;
  if (isVmgsError(error, ...KEY_ERRORS)) return ExitCode.keyNeeded;
  return isVmgsError(error, ...NOT_FOUND_ERRORS) ? ExitCode.notFound : ExitCode.failed;
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
