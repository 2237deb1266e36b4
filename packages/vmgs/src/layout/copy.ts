/**
 * A copy of the bytes from `start` to `end`. The `slice` of a Node Buffer shares memory instead of copying, and callers
 * may well hand us Buffers.
 */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  return Uint8Array.prototype.slice.call(bytes, start, end) as Uint8Array<ArrayBuffer>;
}
