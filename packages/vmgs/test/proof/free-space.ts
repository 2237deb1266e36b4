/**
 * Whether what a transaction writes fits a store, and whether old content is left in it: bitmaps, beside the allocator
 * and the wiping of the store.
 */

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

interface Content extends Run {
  readonly byteLength: number;
}

/** The first byte that is not zero behind the content of a file; with `free`, or in a block that no file owns. */
export function leftoverAt(
  image: Uint8Array,
  files: Iterable<Content>,
  { free }: { readonly free: boolean },
): number | null {
  const searched = new Uint8Array(image.length).fill(free ? 1 : 0, 8192);
  for (const { block, blocks, byteLength } of files) {
    searched.fill(1, block * 4096, (block + blocks) * 4096);
    searched.fill(0, block * 4096, block * 4096 + byteLength);
  }
  for (let at = 8192; at < image.length; at++) {
    if (searched[at] === 1 && image[at] !== 0) return at;
  }
  return null;
}
