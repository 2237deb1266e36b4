/** True when every byte from `start` to `end` is zero; also for no bytes at all. */
export function isAllZero(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** A rule for reserved bytes: reported when they are not zero. */
export function mustBeZero(bytes: Uint8Array): string | undefined {
  return isAllZero(bytes) ? undefined : "reserved bytes are not zero";
}
