/** Copies of nothing are one and the same: a hostile list can ask for tens of thousands of them. */
const NOTHING = new Uint8Array(0);

/**
 * A copy of the bytes from `start` to `end`. The `slice` of a Node Buffer shares memory instead of copying, and callers
 * may well hand us Buffers.
 */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  if (start === end) return NOTHING;
  return Uint8Array.prototype.slice.call(bytes, start, end) as Uint8Array<ArrayBuffer>;
}
