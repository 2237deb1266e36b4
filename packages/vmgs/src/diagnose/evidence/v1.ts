/** What is read of a version 1 file. */

import type { Steps } from "../../steps/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import { examineV1, isGptDisk } from "../../v1/rooms.ts";
import type { ContainerEvidence } from "./container.ts";

/** Null for a disk that is not a version 1 file, or where its partition table does not say so any more. */
export function* gatherV1({ disk }: ContainerEvidence): Steps<V1Examination | null> {
  if (disk === null || !(yield* isGptDisk(disk.byteLength))) return null;
  const examination = yield* examineV1(disk.byteLength);
  return examination.survey.gpt.followed === null ? null : examination;
}
