/** Where old content can be left: free blocks, and the bytes after the ends of files in their own blocks. */

import { BLOCK_SIZE, isAllZero, isStoreTable } from "../format/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import { freeRuns } from "./allocator.ts";
import type { RelocateChange } from "./change.ts";
import type { FileRecord, StoreGeometry, StoreState } from "./state.ts";

/** A range of the disk, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
}

/** A range that holds no content of the generation. */
export interface UnusedRange extends ByteRange {
  /** The file whose blocks these are (slack); null for free blocks. */
  readonly fileId: number | null;
}

/** Free blocks, and slack of files, in ascending offset. Where allocations overlap, slack of one may be content of another. */
export function unusedRanges({ files, geometry }: Pick<StoreState, "files" | "geometry">): UnusedRange[] {
  const free = freeRuns(files.values(), geometry.blockCapacity).map(({ block, blocks }) => {
    return { offset: block * BLOCK_SIZE, bytes: blocks * BLOCK_SIZE, fileId: null };
  });
  const slack = [...files.values()].map((record) => ({ ...slackOf(record), fileId: record.fileId }));
  return [...free, ...slack].filter(({ bytes }) => bytes > 0).sort((a, b) => a.offset - b.offset);
}

/** The bytes after the content of a file, up to the end of its blocks. */
export function slackOf({ block, blocks, byteLength }: FileRecord): ByteRange {
  return { offset: block * BLOCK_SIZE + byteLength, bytes: blocks * BLOCK_SIZE - byteLength };
}

/** The part of a range that is whole sectors, and so can be overwritten without touching content. */
export function wholeSectors({ offset, bytes }: ByteRange, { sectorSize }: StoreGeometry): ByteRange {
  const start = Math.ceil(offset / sectorSize) * sectorSize;
  return { offset: start, bytes: Math.max(0, offset + bytes - start) };
}

/**
 * Moves away files whose last sector holds other bytes after their end. Writers fill it with zeros; where one did not,
 * the sector is not written again in place: a power failure would take the end of the file with it.
 */
export function* relocationSteps(state: StoreState): Steps<RelocateChange[]> {
  const changes: RelocateChange[] = [];
  for (const record of state.files.values()) {
    const { offset, bytes } = slackOf(record);
    const shared = Math.min(bytes, wholeSectors({ offset, bytes }, state.geometry).offset - offset);
    if (shared <= 0 || isStoreTable(record.fileId)) continue;
    if (isAllZero(yield* peek(offset, shared))) continue;
    changes.push({ kind: "relocate", fileId: record.fileId });
  }
  return changes;
}
