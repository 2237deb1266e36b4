/** Who owns which block. Pure. */

import { FIRST_DATA_BLOCK } from "../format/index.ts";
import { freeRuns } from "./allocator.ts";
import { type BlockRun, checkState, type StoreState } from "./state.ts";

/** A run of blocks with one owner. */
export interface OwnedRun extends BlockRun {
  /** `header` for blocks 0 and 1, `free`, or the ID of the file. */
  readonly owner: "header" | "free" | number;
}

/** Room in a store, in blocks of 4096 bytes. */
export interface StoreSpace {
  /** Blocks of the disk. */
  readonly blocks: number;
  readonly freeBlocks: number;
  /** Blocks of the longest free run: no larger file can be written. */
  readonly largestFreeRun: number;
}

/** All blocks of the disk, ascending. Where allocations overlap, both runs are listed. */
export function blockMap(state: StoreState): OwnedRun[] {
  checkState(state, "state");
  const { blockCapacity } = state.geometry;
  const files = [...state.files.values()];
  const runs: OwnedRun[] = [
    { block: 0, blocks: FIRST_DATA_BLOCK, owner: "header" },
    ...freeRuns(files, blockCapacity).map((run) => ({ ...run, owner: "free" as const })),
    ...files.map(({ block, blocks, fileId }) => ({ block, blocks, owner: fileId })),
  ];
  return runs.sort((a, b) => a.block - b.block);
}

/** How much of a store is free. */
export function storeSpace(state: StoreState): StoreSpace {
  checkState(state, "state");
  const free = freeRuns(state.files.values(), state.geometry.blockCapacity);
  return {
    blocks: state.geometry.blockCapacity,
    freeBlocks: free.reduce((sum, run) => sum + run.blocks, 0),
    largestFreeRun: Math.max(0, ...free.map((run) => run.blocks)),
  };
}
