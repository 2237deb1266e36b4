/** Exit codes of `vmgstool`: a contract with the scripts that call it, unlike those of `vmgs`. */

import { type ErrorCode, isVmgsError, type Protection } from "vmgskit";
import { isAbort, UsageError } from "../exit-codes.ts";

export const ToolExitCode = {
  done: 0,
  failed: 1,
  /** What the reference's argument parser answers. */
  usage: 2,
  /** The same number, from query-encryption. */
  notEncrypted: 2,
  empty: 3,
  fileNotAllocated: 4,
  v1Format: 5,
  gspById: 6,
  unknownProtection: 7,
  interrupted: 130,
} as const;

const CODES: Partial<Record<ErrorCode, number>> = {
  VMGS_DISK_EMPTY: ToolExitCode.empty,
  VMGS_EMPTY_STORE: ToolExitCode.empty,
  VMGS_FILE_NOT_ALLOCATED: ToolExitCode.fileNotAllocated,
  VMGS_V1_FORMAT: ToolExitCode.v1Format,
};

export function toolExitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ToolExitCode.usage;
  if (isAbort(error)) return ToolExitCode.interrupted;
  return (isVmgsError(error) ? CODES[error.code] : undefined) ?? ToolExitCode.failed;
}

/** What query-encryption answers. */
export const protectionExitCodes: Readonly<Record<Protection, number>> = {
  gspKey: ToolExitCode.done,
  gspById: ToolExitCode.gspById,
  unknown: ToolExitCode.unknownProtection,
  none: ToolExitCode.notEncrypted,
};
