/** Bytes that must be zero, and whether they are. */

import { checkBytes, checkWhole } from "../arguments/index.ts";

/** True when every byte from `start` to `end` is zero; also for no bytes at all. Default: all of them. */
export function isAllZero(bytes: Uint8Array, start = 0, end?: number): boolean {
  checkBytes(bytes, "bytes");
  checkWhole(start, "start");
  if (end !== undefined) checkWhole(end, "end");
  return hasOnlyZeros(bytes, start, end ?? bytes.length);
}

/** The same for what was checked before. */
export function hasOnlyZeros(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** The options of reserved bytes: reported when they are not zero. */
export const zeros = {
  padding: true,
  level: "report",
  rule: (bytes: Uint8Array) => (isAllZero(bytes) ? undefined : "reserved bytes are not zero"),
} as const;
