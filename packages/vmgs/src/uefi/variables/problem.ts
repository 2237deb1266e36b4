/** What can be wrong with a part of the variable list. The identifiers are stable. */

import { checkObject } from "../../arguments/index.ts";
import { type ErrorCode, VmgsError } from "../../errors/index.ts";

/** The error code of each problem. */
export const listProblemCodes = {
  "file-too-large": "VMGS_UEFI_FILE_TOO_LARGE",
  "entry-past-end": "VMGS_UEFI_ENTRY_PAST_END",
  "unknown-header-type": "VMGS_UEFI_HEADER_TYPE",
  "entry-too-short": "VMGS_UEFI_ENTRY_TOO_SHORT",
  "length-mismatch": "VMGS_UEFI_LENGTH_MISMATCH",
  "name-too-long": "VMGS_UEFI_NAME_TOO_LONG",
  "data-too-long": "VMGS_UEFI_DATA_TOO_LONG",
  "name-not-terminated": "VMGS_UEFI_NAME_NOT_TERMINATED",
  "trailing-bytes": "VMGS_UEFI_TRAILING_BYTES",
  // Of the JSON of version 1 files.
  "not-a-vendor": "VMGS_UEFI_JSON",
  "value-invalid": "VMGS_UEFI_JSON",
  "variable-twice": "VMGS_UEFI_JSON",
  "too-many-variables": "VMGS_UEFI_JSON",
} as const satisfies Record<string, ErrorCode>;

/** Stable identifier of a problem of the list. */
export type ListProblemId = keyof typeof listProblemCodes;

/** What is wrong at one place of a list. */
export interface ListProblem {
  readonly id: ListProblemId;
  /** Bytes from the start of the list. */
  readonly offset: number;
  /** A sentence with the facts of this case, without text from the file. */
  readonly message: string;
  /** Name of the variable that can't be read, as far as it can; untrusted. */
  readonly name: string | null;
}

/** The problem as an error that can be thrown. */
export function problemError(problem: ListProblem): VmgsError {
  checkObject(problem, "problem", "id", "offset", "message", "name");
  return new VmgsError(
    listProblemCodes[problem.id],
    `variable list at ${problem.offset}: ${problem.message}`,
    {
      offset: problem.offset,
    },
  );
}
