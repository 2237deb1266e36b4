/** Judging: pure functions from what was read to what was found, one file for each area. */

import { type Finding, sortFindings } from "../finding.ts";
import { containerFindings } from "./container.ts";
import { encryptionFindings } from "./encryption.ts";
import type { Evidence } from "./evidence.ts";
import { guestFileFindings } from "./guest-files.ts";
import { headerFindings } from "./headers.ts";
import { markerFindings } from "./marker.ts";
import { tableFindings } from "./tables.ts";
import { tpmFindings } from "./tpm.ts";
import { uefiFindings } from "./uefi.ts";
import { v1Findings } from "./v1.ts";

export type { Evidence } from "./evidence.ts";
export { isRecognised } from "./tpm.ts";

/** Everything that is found, worst first. */
export function findingsOf(evidence: Evidence): Finding[] {
  // The disk of a version 1 file has nothing of a store.
  if (evidence.v1 !== null) {
    return sortFindings([containerFindings, v1Findings].flatMap((judge) => judge(evidence)));
  }
  return sortFindings(
    [
      containerFindings,
      headerFindings,
      tableFindings,
      encryptionFindings,
      markerFindings,
      tpmFindings,
      uefiFindings,
      guestFileFindings,
    ].flatMap((judge) => judge(evidence)),
  );
}
