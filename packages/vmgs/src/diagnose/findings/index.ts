/**
 * Judging: pure functions from what was read to what was found, one file for each area. The areas of what a file does not
 * have are not loaded: no page loads the judge of a TPM for a store without one.
 */

import { FileId } from "../../format/index.ts";
import { type Finding, sortFindings } from "../finding.ts";
import { containerFindings } from "./container.ts";
import type { Evidence } from "./evidence.ts";

export type { Evidence } from "./evidence.ts";
export { isRecognised } from "./recognised.ts";

type Judge = (evidence: Evidence) => Finding[];

/** Everything that is found, worst first. */
export async function findingsOf(evidence: Evidence): Promise<Finding[]> {
  // The disk of a version 1 file has nothing of a store.
  const judges =
    evidence.v1 === null ? await judgesOfStore(evidence) : [(await import("./v1.ts")).v1Findings];
  return sortFindings([containerFindings, ...judges].flatMap((judge) => judge(evidence)));
}

async function judgesOfStore({ store, guest }: Evidence): Promise<Judge[]> {
  if (store === null) return [];
  const judges: Judge[] = [...(await import("./store-judges.ts")).storeJudges];
  if (store.state?.files.has(FileId.TPM_NVRAM)) judges.push((await import("./tpm.ts")).tpmFindings);
  if (guest.uefi !== null || guest.customUefiError !== null)
    judges.push((await import("./uefi.ts")).uefiFindings);
  return judges;
}
