/** Whether what a transaction writes fits a store: a bitmap of blocks, beside the allocator of the store. */

interface Run {
  readonly block: number;
  readonly blocks: number;
}

/**
 * Whether files of these lengths find room one after the other, each in the smallest free run that holds it, the lowest
 * among equal ones (spec: changing).
 */
export function findsRoom(owned: Iterable<Run>, capacity: number, lengths: readonly number[]): boolean {
  const taken = new Uint8Array(capacity).fill(1, 0, 2);
  for (const { block, blocks } of owned) taken.fill(1, block, block + blocks);
  for (const length of lengths) {
    const needed = Math.max(1, Math.ceil(length / 4096));
    const run = smallest(taken, needed);
    if (run === undefined) return false;
    taken.fill(1, run.block, run.block + needed);
  }
  return true;
}

function smallest(taken: Uint8Array, needed: number): Run | undefined {
  let best: Run | undefined;
  for (let block = 0; block < taken.length; block++) {
    if (taken[block] === 1) continue;
    let end = block;
    while (end < taken.length && taken[end] === 0) end++;
    const blocks = end - block;
    if (blocks >= needed && (best === undefined || blocks < best.blocks)) best = { block, blocks };
    block = end;
  }
  return best;
}
