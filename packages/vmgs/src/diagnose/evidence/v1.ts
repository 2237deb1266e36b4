/** What is read of a version 1 file. */

import type { Steps } from "../../steps/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import { isGptDisk } from "../../v1/rooms.ts";
import type { ContainerEvidence } from "./container.ts";

/**
 * Null for a disk that is not a version 1 file, or where its partition table does not say so any more. What reads one is
 * loaded when it may be one.
 *
 * @param runSteps reads from the file
 */
export async function gatherV1(
  { disk }: ContainerEvidence,
  runSteps: <T>(steps: Steps<T>) => Promise<T>,
): Promise<V1Examination | null> {
  if (disk === null || !(await runSteps(isGptDisk(disk.byteLength)))) return null;
  const { examineV1 } = await import("./v1-examination.ts");
  const examination = await runSteps(examineV1(disk.byteLength));
  return examination.survey.gpt.followed === null ? null : examination;
}
