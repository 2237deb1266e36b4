/** Bytes in memory as a file. */

import { checkBytes } from "../arguments/index.ts";
import { type ByteSource, checkSourceRead, type SyncByteSource } from "./byte-source.ts";

/** A file in memory, read with or without waiting. */
export interface MemorySource extends ByteSource, SyncByteSource {
  readonly container?: never;
}

/** Takes bytes in memory for a file; they are not copied. */
export function memorySource(bytes: Uint8Array): MemorySource {
  checkBytes(bytes, "bytes");
  const { length: byteLength } = bytes;
  const readSync = (offset: number, into: Uint8Array) => {
    checkSourceRead(byteLength, offset, into);
    into.set(bytes.subarray(offset, offset + into.length));
  };
  return {
    byteLength,
    readSync,
    async read(offset, into, options) {
      checkSourceRead(byteLength, offset, into, options);
      readSync(offset, into);
    },
  };
}
