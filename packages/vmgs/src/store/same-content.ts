/** Whether two file table entries lead to the same stored bytes. Pure. */

import { checkBytes, checkObject } from "../arguments/index.ts";
import type { FileRecord } from "./state.ts";

/** True when both records lead to the same stored bytes: same blocks, same length, same nonce and tag. */
export function isSameContent(a: FileRecord, b: FileRecord): boolean {
  checkObject(a, "a", "nonce", "tag", "attributes", "reserved");
  checkObject(b, "b", "nonce", "tag", "attributes", "reserved");
  return (
    a.block === b.block &&
    a.blocks === b.blocks &&
    a.byteLength === b.byteLength &&
    sameBytes(a.nonce, b.nonce) &&
    sameBytes(a.tag, b.tag)
  );
}

/** True when both have the same bytes. Not in constant time: not for secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  checkBytes(a, "a");
  checkBytes(b, "b");
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
