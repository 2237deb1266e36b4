/** Which blocks are free, and which of them a file gets (spec: changing). Pure. */

import { checkIterable, checkList, checkWhole } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { describeFileId, FIRST_DATA_BLOCK } from "../format/index.ts";
import type { BlockRun } from "./state.ts";

/** Hands out runs of blocks within one transaction. */
export interface Allocator {
  /**
   * The smallest free run that is long enough, the lowest among equal ones; it is then taken.
   *
   * @throws VmgsError VMGS_INSUFFICIENT_SPACE
   */
  allocate(blocks: number, fileId: number): BlockRun;
}

/** The free runs between allocations, from block 2 to the capacity, ascending. Overlapping allocations are fine. */
export function freeRuns(allocations: Iterable<BlockRun>, blockCapacity: number): BlockRun[] {
  checkIterable(allocations, "allocations");
  checkWhole(blockCapacity, "blockCapacity");
  const sorted = [...allocations].sort((a, b) => a.block - b.block);
  const free: BlockRun[] = [];
  let next = FIRST_DATA_BLOCK;
  for (const { block, blocks } of sorted) {
    const end = Math.min(block, blockCapacity);
    if (end > next) free.push({ block: next, blocks: end - next });
    next = Math.max(next, block + blocks);
  }
  if (blockCapacity > next) free.push({ block: next, blocks: blockCapacity - next });
  return free;
}

/**
 * An allocator for one transaction over a store with these allocations.
 *
 * @param released allocations of files that a move of this transaction replaces. The reference counts their blocks as
 * free when it looks for the smallest run, and may even use them, though the old state still owns them. Ours measures
 * the runs alike, so that files land on the same blocks, but never grants a block that the old state owns.
 */
export function allocator(
  allocations: readonly BlockRun[],
  blockCapacity: number,
  released: readonly BlockRun[] = [],
): Allocator {
  checkList(allocations, "allocations");
  checkWhole(blockCapacity, "blockCapacity");
  checkList(released, "released");
  const granted: BlockRun[] = [];
  const strict = () => freeRuns([...allocations, ...granted], blockCapacity);
  const lenient = () => {
    const kept = allocations.filter((run) => !released.includes(run));
    return freeRuns([...kept, ...granted], blockCapacity);
  };
  return {
    allocate(blocks, fileId) {
      const fits = smallestFit(lenient(), blocks);
      const safe = fits !== undefined && !released.some((run) => shareBlocks(run, fits));
      const run = safe ? fits : smallestFit(strict(), blocks);
      if (run === undefined) throw insufficientSpace(strict(), blocks, fileId);
      granted.push(run);
      return run;
    },
  };
}

function smallestFit(free: readonly BlockRun[], blocks: number): BlockRun | undefined {
  let best: BlockRun | undefined;
  for (const run of free) {
    if (run.blocks >= blocks && (best === undefined || run.blocks < best.blocks)) best = run;
  }
  return best && { block: best.block, blocks };
}

/** Whether two runs have a block in common. */
export function shareBlocks(a: BlockRun, b: BlockRun): boolean {
  return a.block < b.block + b.blocks && b.block < a.block + a.blocks;
}

function insufficientSpace(free: readonly BlockRun[], blocks: number, fileId: number): VmgsError {
  const largest = Math.max(0, ...free.map((run) => run.blocks));
  const total = free.reduce((sum, run) => sum + run.blocks, 0);
  return new VmgsError(
    "VMGS_INSUFFICIENT_SPACE",
    `${describeFileId(fileId)} needs ${blocks} blocks in one run; the longest free run has ${largest}, ${total} are free in all`,
    { fileId, bytes: blocks * 4096, limit: largest * 4096 },
  );
}

/** Pairs of neighbouring allocations that share blocks. */
export function overlaps<T extends BlockRun>(allocations: Iterable<T>): [T, T][] {
  checkIterable(allocations, "allocations");
  const sorted = [...allocations].sort((a, b) => a.block - b.block);
  const found: [T, T][] = [];
  let furthest: T | undefined;
  for (const run of sorted) {
    if (furthest !== undefined && run.block < furthest.block + furthest.blocks) found.push([furthest, run]);
    if (furthest === undefined || run.block + run.blocks > furthest.block + furthest.blocks) furthest = run;
  }
  return found;
}
