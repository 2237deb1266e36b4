/** ATTEST (5): opaque data of the attestation agent (spec: guest-files, 1). */

import { FileId, isAllZero } from "../format/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** Bytes that the file may have; the agent gets this many, with zeros after the content. */
const MAX_ATTEST_SIZE = 2048;

/** What can be said of ATTEST. */
export interface AttestFacts {
  /** Whether it holds nothing but zeros. */
  readonly empty: boolean;
}

/** Reads ATTEST. */
export function readAttest(bytes: Uint8Array): GuestFileReading<AttestFacts> {
  const problem = lengthProblem(bytes, 0, MAX_ATTEST_SIZE);
  if (problem !== null) return unreadable(FileId.ATTEST, bytes, problem, { outcome: "fails" });
  return sound(FileId.ATTEST, bytes, { empty: isAllZero(bytes) });
}
