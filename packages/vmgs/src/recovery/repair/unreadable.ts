/** Files of an unlocked store that do not match their authentication tag. */

import { isVmgsError } from "../../errors/index.ts";
import { BLOCK_SIZE, describeFileId, isStoreTable } from "../../format/index.ts";
import { type Cipher, readSealed, run, type Steps, unseal } from "../../steps/index.ts";
import type { FileRecord, StoreState } from "../../store/index.ts";
import { contentForm, openSteps, readFileSteps } from "../../store/rooms.ts";
import { dropEntry, type KeptEntries } from "./entries.ts";
import type { OverlayDisk } from "./overlay.ts";
import type { DraftPlan } from "./types.ts";

/**
 * Restores the nonce and tag of such a file where the generation before still has the right ones, else drops its entry.
 * Returns what is dropped.
 */
export async function dropUnreadable(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
  cipher: Cipher,
): Promise<FileRecord[]> {
  const unreadable: FileRecord[] = [];
  for (const record of [...kept.files.values()]) {
    if (isStoreTable(record.fileId)) continue;
    try {
      (await run(readFileSteps(state, record.fileId), disk, cipher)).fill(0);
    } catch (error) {
      if (!isVmgsError(error, "VMGS_AUTHENTICATION_FAILED")) throw error;
      draft.findings.push(error.message);
      kept.renew = true;
      const before = await run(sameFileBefore(state, record, disk), disk, cipher);
      if (before !== null) {
        kept.files.set(record.fileId, { ...record, nonce: before.nonce, tag: before.tag });
        draft.steps.push({
          kind: "entry",
          title: `restore nonce and tag of ${describeFileId(record.fileId)}`,
          evidence: [
            "the previous generation has the same file in the same blocks, with another nonce or tag",
            "with those its content matches: every byte is as it was written",
          ],
        });
        continue;
      }
      unreadable.push(record);
      dropEntry(kept, record, disk, draft, [
        "its key is known, and its content does not match its authentication tag: it can't be read",
      ]);
    }
  }
  return unreadable;
}

/** The entry of the generation before for the same stored bytes, when its nonce and tag match them; else null. */
function* sameFileBefore(state: StoreState, record: FileRecord, disk: OverlayDisk): Steps<FileRecord | null> {
  const form = contentForm(state, record);
  if (form.kind !== "sealed") return null;
  let before: FileRecord | undefined;
  try {
    before = (yield* openSteps(disk, "previous")).files.get(record.fileId);
  } catch (error) {
    if (isVmgsError(error) && error.code !== "VMGS_IO") return null;
    throw error;
  }
  if (before?.block !== record.block || before.byteLength !== record.byteLength) return null;
  const sealed = yield* readSealed(record.block * BLOCK_SIZE, record.byteLength, before.tag);
  const content = yield* unseal(form.key, before.nonce, sealed);
  content?.fill(0);
  return content === null ? null : before;
}
