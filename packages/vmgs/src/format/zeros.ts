/** True when every byte is zero; also for no bytes at all. */
export function isAllZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** A rule for reserved bytes: reported when they are not zero. */
export function mustBeZero(bytes: Uint8Array): string | undefined {
  return isAllZero(bytes) ? undefined : "reserved bytes are not zero";
}
