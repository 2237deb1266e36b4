/** Memory for small reads that are kept: cut from larger pieces, because each allocation of its own costs microseconds. */

const SLAB_SIZE = 65_536;
const LARGEST_PIECE = 2048;

let slab = new Uint8Array(0);
let used = 0;

/** Zeroed memory that is not shared with another caller. Small pieces share one buffer, so they are not for callers of the library. */
export function kept(length: number): Uint8Array {
  if (length > LARGEST_PIECE) return new Uint8Array(length);
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    used = 0;
  }
  const piece = slab.subarray(used, used + length);
  used += length;
  return piece;
}
