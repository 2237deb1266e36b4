/** Carries out a planned transaction on a disk. */

import type { WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { headerOffset, otherSlot } from "../format/index.ts";
import { run } from "../steps/index.ts";
import { chooseActive, readHeaders } from "./read-headers.ts";
import type { StoreState } from "./state.ts";
import type { DiskWrite, Transaction } from "./transaction.ts";

/**
 * Checks that the disk still holds the state that a transaction was planned on.
 *
 * @throws VmgsError VMGS_CHANGED_UNDERNEATH
 */
export async function verifyUnchanged(disk: WritableDisk, state: StoreState): Promise<void> {
  const expected = state.header;
  let cause: unknown;
  try {
    const headers = await run(readHeaders(state.geometry), disk);
    const { slot, header } = headers[chooseActive(headers)];
    if (
      slot === state.activeSlot &&
      header.sequence === expected.sequence &&
      header.checksum === expected.checksum
    ) {
      return;
    }
  } catch (error) {
    if (!(error instanceof VmgsError) || error.code === "VMGS_IO") throw error;
    cause = error;
  }
  throw new VmgsError(
    "VMGS_CHANGED_UNDERNEATH",
    `the active header on the disk is not the one with sequence ${expected.sequence} that was opened`,
    { slot: state.activeSlot },
    { cause },
  );
}

/**
 * Overwrites the other header when it is damaged, as a power failure leaves it. What is left of it may otherwise become
 * whole once more: when the power fails a second time, while the next header is written over it, the sector can end up
 * with the bytes of the first attempt, whose blocks the second one has reused.
 */
export async function discardTornHeader(disk: WritableDisk, state: StoreState): Promise<void> {
  const slot = otherSlot(state.activeSlot);
  const { problem, blank } = state.headers[slot];
  if (problem === null || blank) return;
  // Not zeros: the end of most headers is zero, so that a torn write of zeros could complete one.
  await disk.write(headerOffset(slot, disk.sectorSize), new Uint8Array(disk.sectorSize).fill(0xff));
  await disk.flush();
}

/** Writes new content and tables and flushes them. Only blocks that are free in the old state are touched. */
export async function writeContent(
  disk: WritableDisk,
  { content }: Transaction,
  signal?: AbortSignal,
): Promise<void> {
  for (const { offset, bytes } of content) {
    signal?.throwIfAborted();
    await disk.write(offset, bytes);
  }
  await disk.flush();
}

/** Writes the header that commits, and flushes it, so that a power failure can't undo what is reported as done. */
export async function writeCommit(disk: WritableDisk, { commit }: Transaction): Promise<void> {
  if (commit === null) return;
  await disk.write(commit.offset, commit.bytes);
  await disk.flush();
}

export async function writeAll(disk: WritableDisk, writes: readonly DiskWrite[]): Promise<void> {
  for (const { offset, bytes } of writes) await disk.write(offset, bytes);
}
