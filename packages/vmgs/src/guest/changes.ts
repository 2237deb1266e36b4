/** What people need to change in the small files of a guest, as new content (spec: guest-files, 1). */

import { type Check, checkBytes, checkWhole, oneOf, withMembers } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { FileId } from "../format/index.ts";
import { decode, encode } from "../layout/index.ts";
import { guestWatchdog } from "./guest-watchdog.ts";
import { hibernationToken } from "./hibernation-token.ts";
import { lengthProblem } from "./reading.ts";
import { rtcSkew } from "./rtc-skew.ts";
import { ppiOperations, SET_PCR_BANKS, type TpmPpi, tpmPpi } from "./tpm-ppi.ts";

/** A change of a small file. */
export type GuestFileChange =
  /** The operation that the next boot carries out; 0 = none. The other fields stay. */
  | { readonly kind: "physicalPresence"; readonly operation: number }
  /** Forget that the watchdog ended the last boot. */
  | { readonly kind: "clearWatchdog" }
  /** Not hibernated: null; else hibernated under the firmware version, such as 1.9. */
  | { readonly kind: "hibernation"; readonly version: FirmwareVersion | null }
  /** Guest clock minus host clock, in milliseconds. */
  | { readonly kind: "clock"; readonly skewMs: number };

/** A version of the firmware; 1.0 stands for one that is not known. */
export interface FirmwareVersion {
  /** 0 to 255. */
  readonly major: number;
  /** 0 to 255; not 0 where the major number is 0. */
  readonly minor: number;
}

const FILES: Readonly<Record<GuestFileChange["kind"], number>> = {
  physicalPresence: FileId.TPM_PPI,
  clearWatchdog: FileId.GUEST_WATCHDOG,
  hibernation: FileId.HIBERNATION_TOKEN,
  clock: FileId.RTC_SKEW,
};

const checkChange: Check = withMembers({ kind: oneOf(Object.keys(FILES)) });

/** More milliseconds than the 64 bits of the file can hold in units of 100 ns. */
const MOST_MILLISECONDS = 2 ** 63 / 10_000;

/** The ID of the file that a change is about. */
export function changedGuestFile(change: GuestFileChange): number {
  checkChange(change, "change");
  return FILES[change.kind];
}

/**
 * The new content of the file.
 *
 * @param current content of the file; null when there is none. One that can't be read is replaced.
 * @throws VmgsError VMGS_GUEST_FILE_CHANGE for a value that the file can't hold
 */
export function changeGuestFile(change: GuestFileChange, current: Uint8Array | null): Uint8Array {
  checkChange(change, "change");
  if (current !== null) checkBytes(current, "current");
  switch (change.kind) {
    case "physicalPresence":
      return encode(tpmPpi, withOperation(change.operation, current));
    case "clearWatchdog":
      return encode(guestWatchdog, { lastBootFailed: 0 });
    case "hibernation":
      return encode(hibernationToken, { value: tokenOf(change.version) });
    case "clock":
      return encode(rtcSkew, { skew: skewOf(change.skewMs) });
  }
}

const NO_OPERATION: TpmPpi = {
  pending: 0,
  inQuery: 0,
  setOperationState: 0,
  lastOperation: 0,
  lastResult: 0,
  argument3Integer2: 0,
  hashAlgorithmBitmap: 0,
};

function withOperation(operation: number, current: Uint8Array | null): TpmPpi {
  checkWhole(operation, "operation");
  if (ppiOperations[operation] === undefined) throw refused(`there is no operation ${operation}`);
  const readable = current !== null && lengthProblem(current, tpmPpi.size ?? 0) === null;
  const fields = readable ? decode(tpmPpi, current) : NO_OPERATION;
  if (operation === SET_PCR_BANKS && fields.argument3Integer2 === 0) {
    throw refused(
      `operation ${operation}, ${ppiOperations[operation]}, needs hashes, and the file names none`,
    );
  }
  return { ...fields, pending: operation };
}

function tokenOf(version: FirmwareVersion | null): bigint {
  if (version === null) return 0n;
  const { major, minor } = version;
  checkWhole(major, "version.major", 255);
  checkWhole(minor, "version.minor", 255);
  const token = major * 256 + minor;
  if (token === 0) throw refused("version 0.0 stands for a guest that is not hibernated");
  return BigInt(token);
}

function skewOf(skewMs: number): bigint {
  if (!Number.isSafeInteger(skewMs) || Math.abs(skewMs) >= MOST_MILLISECONDS) {
    throw refused("a clock skew is a whole number of milliseconds that 64 bits of 100 ns hold");
  }
  return BigInt(skewMs) * 10_000n;
}

const refused = (message: string) => new VmgsError("VMGS_GUEST_FILE_CHANGE", message);
