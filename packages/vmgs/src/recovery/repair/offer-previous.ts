/** The generation before, as a way back. */

import { isSameContent } from "../../comparison/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import type { Secret } from "../../secret/index.ts";
import { type Cipher, run } from "../../steps/index.ts";
import { type FileRecord, isEncrypted, listFiles, type StoreState } from "../../store/index.ts";
import { openSteps, readFileSteps, unlockSteps } from "../../store/rooms.ts";
import type { OverlayDisk } from "./overlay.ts";
import { type DraftPlan, GO_BACK } from "./types.ts";

/** How the previous generation must be read. */
export interface KeyToRead {
  readonly key: Secret | undefined;
  readonly cipher: Cipher;
}

export interface Offer {
  /** Whether there is no other way. */
  readonly needed: boolean;
  /** Files that can't be read now: the offer is only made when the generation before has a version of one that can. */
  readonly better?: readonly FileRecord[];
}

/** The generation before, when it can be read, as a way back. */
export async function offerPrevious(
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: KeyToRead,
  { needed, better }: Offer,
): Promise<void> {
  if (draft.choices.some(({ decision }) => decision.kind === "generation")) return;
  try {
    let state = await run(openSteps(disk, "previous"), disk);
    if (isEncrypted(state) && decisions.key !== undefined) {
      state = await run(unlockSteps(state, decisions.key), disk, decisions.cipher);
    }
    if (better !== undefined && !(await hasReadable(state, better, disk, decisions))) return;
    const { sequence } = state.header;
    draft.choices.push({
      decision: GO_BACK,
      title: `go back to the previous generation (sequence ${sequence}) instead`,
      evidence: [
        "its header is valid, and its file table can be read",
        `it has ${listFiles(state).length} files; the history shows the difference`,
      ],
      needed,
    });
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    if (error.code === "VMGS_GENERATION_WIPED" && !draft.notes.includes(error.message)) {
      draft.notes.push(error.message);
    }
  }
}

/** Whether a generation has another version of one of the files, and it can be read. */
async function hasReadable(
  state: StoreState,
  files: readonly FileRecord[],
  disk: OverlayDisk,
  decisions: KeyToRead,
): Promise<boolean> {
  for (const record of files) {
    const before = state.files.get(record.fileId);
    if (before === undefined || isSameContent(before, record)) continue;
    try {
      (await run(readFileSteps(state, record.fileId), disk, decisions.cipher)).fill(0);
      return true;
    } catch (error) {
      if (!isVmgsError(error)) throw error;
    }
  }
  return false;
}
