import { VmgsError } from "../../errors/index.ts";
import { TERMINATOR_SIZE } from "./entry-layout.ts";
import { ENTRIES_OFFSET } from "./state-layout.ts";

/** Bytes of the smallest state: the fixed regions and an empty list. */
export const MIN_STATE_BYTES = ENTRIES_OFFSET + TERMINATOR_SIZE;
/** Bytes above which nothing is taken for a state; four times what is made today. */
export const MAX_STATE_BYTES = 131_072;

/** @throws VmgsError VMGS_TPM_STATE_SIZE */
export function checkStateSize(byteLength: number): void {
  const tooSmall = byteLength < MIN_STATE_BYTES;
  if (!tooSmall && byteLength <= MAX_STATE_BYTES) return;
  const limit = tooSmall ? MIN_STATE_BYTES : MAX_STATE_BYTES;
  const words = tooSmall ? "at least" : "at most";
  throw new VmgsError(
    "VMGS_TPM_STATE_SIZE",
    `the TPM state has ${byteLength} bytes; one of revision 1.38 has ${words} ${limit}`,
    { bytes: byteLength, limit },
  );
}
