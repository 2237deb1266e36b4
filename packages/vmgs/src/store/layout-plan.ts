/** Where everything that a transaction writes will lie. Pure. */

import { BLOCK_SIZE, blocksFor, FileId } from "../format/index.ts";
import { allocator } from "./allocator.ts";
import type { Draft } from "./draft.ts";
import { type BlockRun, isEncrypted, type StoreState } from "./state.ts";

/** A file that the transaction writes, and its place. */
export interface PlacedFile extends BlockRun {
  readonly fileId: number;
  /** Bytes of content. */
  readonly byteLength: number;
  readonly encrypted: boolean;
}

export interface LayoutPlan {
  readonly draft: Draft;
  /** In ascending file ID: the file table (0), the users' files with new content, the extended file table (63). */
  readonly placed: ReadonlyMap<number, PlacedFile>;
}

/**
 * Allocates space for all that is new, in ascending file ID, beside everything that the old state owns.
 *
 * @throws VmgsError VMGS_INSUFFICIENT_SPACE
 */
export function planLayout(state: StoreState, draft: Draft): LayoutPlan {
  const placed = new Map<number, PlacedFile>();
  if (!draft.rewriteTables) return { draft, placed };
  const owned = [...state.files.values(), ...draft.avoided];
  const space = allocator(owned, state.geometry.blockCapacity, draft.released);
  const place = (fileId: number, byteLength: number, encrypted: boolean) => {
    const run = space.allocate(blocksFor(byteLength), fileId);
    placed.set(fileId, { fileId, byteLength, encrypted, ...run });
  };
  place(FileId.FILE_TABLE, BLOCK_SIZE, false);
  for (const [fileId, file] of [...draft.files].sort(([a], [b]) => a - b)) {
    if (file.kind === "new") place(fileId, file.content.length, file.encrypt);
    else if (file.kind === "relocated") place(fileId, file.record.byteLength, file.encrypted);
  }
  if (rewritesExtendedTable(state, draft)) place(FileId.EXTENDED_FILE_TABLE, BLOCK_SIZE, draft.encrypted);
  return { draft, placed };
}

/** The extended file table is written when its keys are known, and once more in plain when encryption ends. */
function rewritesExtendedTable(state: StoreState, draft: Draft): boolean {
  const plainAndAsked = draft.renewExtendedTable && !draft.encrypted;
  return draft.activeKeySlot !== null || (isEncrypted(state) && !draft.encrypted) || plainAndAsked;
}
