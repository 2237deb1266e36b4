/** TPM_PPI (2): the physical presence interface of the TCG PC Client Platform (spec: guest-files, 1). */

import { checkBytes, checkObject, checkWhole } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { bits, type Decoded, decode, field, struct, u32 } from "../layout/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** Names of the operations that a guest or its firmware can ask for, by number. */
export const ppiOperations: Readonly<Record<number, string>> = {
  0: "none",
  1: "enable",
  2: "disable",
  3: "activate",
  4: "deactivate",
  5: "clear",
  6: "enable and activate",
  7: "deactivate and disable",
  8: "set owner install true",
  9: "set owner install false",
  10: "enable, activate, owner install true",
  11: "owner install false, deactivate, disable",
  14: "clear, enable and activate",
  15: "set no PPI provision false",
  16: "set no PPI provision true",
  21: "enable, activate and clear",
  22: "enable, activate, clear, enable and activate",
  23: "set PCR banks",
};

/** Set PCR banks: its argument is the bitmap of hashes. */
export const SET_PCR_BANKS = 23;
/** The operations that clear the TPM: every key that is sealed to it is lost. */
const CLEARING: ReadonlySet<number> = new Set([5, 14, 21, 22]);

/** Whether an operation clears the TPM at the next boot. */
export function clearsTpm(operation: number): boolean {
  checkWhole(operation, "operation");
  return CLEARING.has(operation);
}

/** Hashes of PCR banks, as a bitmap. */
export const ppiHashes = bits({ SHA1: 0, SHA256: 1, SHA384: 2, SHA512: 3, SM3: 4 });

const operation = (meaning: string) =>
  field(u32, meaning, {
    names: ppiOperations,
    words: (value) => ppiOperations[value] ?? "unknown operation",
  });

/** The file: 28 bytes. */
export const tpmPpi = struct("TPM_PPI", {
  pending: operation("operation that the next boot carries out"),
  inQuery: operation("operation in query"),
  setOperationState: field(u32, "state of the set operation"),
  lastOperation: operation("last operation"),
  lastResult: field(u32, "result of the last operation; 0 = success"),
  argument3Integer2: field(u32, "argument 3, integer 2; of set PCR banks: the hashes", {
    bits: ppiHashes,
  }),
  hashAlgorithmBitmap: field(u32, "hashes that the TPM has", { bits: ppiHashes }),
});
/** Its fields. */
export type TpmPpi = Decoded<typeof tpmPpi>;

/** What TPM_PPI says. */
export interface TpmPpiFacts {
  /** Number of the pending operation; 0 = none. */
  readonly pending: number;
  /** Its name, or null when the number has none. */
  readonly pendingName: string | null;
  /** Whether it clears the TPM: keys that are sealed to it are lost. */
  readonly clearsTpm: boolean;
  /** Hashes whose PCR banks it allocates; null for other operations. */
  readonly banks: readonly string[] | null;
  readonly lastOperation: number;
  readonly lastOperationName: string | null;
  /** 0 = success. */
  readonly lastResult: number;
}

/** The pending operation in words: `operation 23 is pending: set PCR banks (SHA256)`; null when there is none. */
export function describePendingOperation(facts: TpmPpiFacts): string | null {
  checkObject(facts, "facts", "pending", "pendingName", "banks");
  const { pending, pendingName, banks } = facts;
  if (pending === 0) return null;
  const hashes = banks === null ? "" : ` (${banks.join(", ") || "none"})`;
  return `operation ${pending} is pending: ${pendingName ?? "unknown"}${hashes}`;
}

/** What an operation does that clears the vTPM. */
export const CLEARING_WORDS =
  "it clears the vTPM, and keys that are sealed to it, such as BitLocker's, are lost";

/** Reads TPM_PPI. */
export function readTpmPpi(bytes: Uint8Array): GuestFileReading<TpmPpiFacts> {
  checkBytes(bytes, "bytes");
  const problem = lengthProblem(bytes, tpmPpi.size ?? 0);
  if (problem !== null) return unreadable(FileId.TPM_PPI, bytes, problem, { outcome: "fails" });
  const { pending, lastOperation, lastResult, argument3Integer2 } = decode(tpmPpi, bytes);
  return sound(FileId.TPM_PPI, bytes, {
    pending,
    pendingName: ppiOperations[pending] ?? null,
    clearsTpm: clearsTpm(pending),
    banks: pending === SET_PCR_BANKS ? ppiHashes.names(argument3Integer2) : null,
    lastOperation,
    lastOperationName: ppiOperations[lastOperation] ?? null,
    lastResult,
  });
}
