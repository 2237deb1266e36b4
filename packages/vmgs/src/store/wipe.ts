/** Wiping: zeros over everything that holds no content of the current generation. The generation before ends with it. */

import type { WritableDisk } from "../disk/index.ts";
import { isVmgsError, VmgsError } from "../errors/index.ts";
import { BLOCK_SIZE, isAllZero, otherSlot } from "../format/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import { type ByteRange, relocationSteps, unusedRanges, wholeSectors } from "./leftovers.ts";
import { openSteps } from "./open-steps.ts";
import type { StoreState } from "./state.ts";

/** Bytes that are read, and overwritten, at once. */
const CHUNK = 64 * BLOCK_SIZE;

/** What wiping a store does. */
export interface WipePlan {
  /** Free blocks that hold anything. */
  readonly freeBlocks: number;
  /** Bytes after the ends of files that are not zero, counted in sectors. */
  readonly slackBytes: number;
  /** Files with such bytes, ascending. */
  readonly slackFiles: readonly number[];
  /** Those of them that move to other blocks, in one transaction: their last sector can't be overwritten safely. */
  readonly relocated: readonly number[];
  /** The generation that can be read before and not after: its sequence and its files; null when there is none. */
  readonly endsGeneration: { readonly sequence: number; readonly fileIds: readonly number[] } | null;
}

/** Finds what can be wiped, without writing. */
export function* wipePlanSteps(state: StoreState): Steps<WipePlan> {
  let freeBlocks = 0;
  let slackBytes = 0;
  const slackFiles = new Set<number>();
  for (const range of unusedRanges(state)) {
    const unit = range.fileId === null ? BLOCK_SIZE : state.geometry.sectorSize;
    for (const part of chunksOf(range)) {
      const bytes = yield* peek(part.offset, part.bytes);
      // Units end where blocks or sectors do, also in slack, which begins anywhere.
      let at = 0;
      while (at < bytes.length) {
        const end = Math.min(bytes.length, at + unit - ((part.offset + at) % unit));
        if (!isAllZero(bytes, at, end)) {
          if (range.fileId === null) freeBlocks++;
          else slackBytes += end - at;
          if (range.fileId !== null) slackFiles.add(range.fileId);
        }
        at = end;
      }
    }
  }
  const relocated = (yield* relocationSteps(state)).map(({ fileId }) => fileId);
  const endsGeneration = yield* endingGeneration(state);
  return { freeBlocks, slackBytes, slackFiles: sorted(slackFiles), relocated, endsGeneration };
}

const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);

/** The generation before, when it can be read and is another one than the current. */
function* endingGeneration(state: StoreState): Steps<WipePlan["endsGeneration"]> {
  try {
    const before = yield* openSteps(state.geometry, "previous");
    if (before.header.fileTableOffset === state.header.fileTableOffset) return null;
    return { sequence: before.header.sequence, fileIds: [...before.files.keys()] };
  } catch (error) {
    if (isVmgsError(error) && error.code !== "VMGS_IO") return null;
    throw error;
  }
}

/**
 * Overwrites free blocks and slack with zeros, where they are not zero. Begins with the file table of the generation
 * before, so that this one counts as wiped from then on. Sectors that hold content are not written. The header of the
 * state must have reached the medium.
 *
 * @throws VmgsError VMGS_WIPE_INCOMPLETE
 */
export async function wipeUnused(disk: WritableDisk, state: StoreState, signal?: AbortSignal): Promise<void> {
  try {
    const ranges = unusedRanges(state);
    const table = state.headers[otherSlot(state.activeSlot)].header.fileTableOffset * BLOCK_SIZE;
    const first = ranges.some(({ offset, bytes }) => offset <= table && table < offset + bytes);
    if (first && (await clear(disk, { offset: table, bytes: BLOCK_SIZE }))) await disk.flush();
    for (const range of ranges) {
      for (const part of chunksOf(wholeSectors(range, state.geometry))) {
        signal?.throwIfAborted();
        await clear(disk, part);
      }
    }
    await disk.flush();
  } catch (cause) {
    const { sequence } = state.header;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the store is whole, with sequence ${sequence} on the disk, but old content may be left: wiping stopped: ${why}`;
    throw new VmgsError("VMGS_WIPE_INCOMPLETE", message, { sequence }, { cause });
  }
}

/** Writes zeros from the first sector of a range that is not zero to the last one; whether there was any. */
async function clear(disk: WritableDisk, { offset, bytes }: ByteRange): Promise<boolean> {
  const { sectorSize } = disk;
  const found = new Uint8Array(bytes);
  await disk.read(offset, found);
  const holds = (at: number) => !isAllZero(found, at, at + sectorSize);
  let [start, end] = [0, bytes];
  while (start < end && !holds(start)) start += sectorSize;
  while (start < end && !holds(end - sectorSize)) end -= sectorSize;
  if (start === end) return false;
  await disk.write(offset + start, found.subarray(start, end).fill(0));
  return true;
}

function* chunksOf({ offset, bytes }: ByteRange): Generator<ByteRange> {
  for (let done = 0; done < bytes; done += CHUNK) {
    yield { offset: offset + done, bytes: Math.min(CHUNK, bytes - done) };
  }
}
