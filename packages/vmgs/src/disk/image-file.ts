/** The bytes of a file before anybody said what they are: what looks at files that are no disk needs no more. */

import { VmgsError } from "../errors/index.ts";
import type { ByteSource } from "../steps/index.ts";
import { readBlob } from "./blob.ts";

/** A whole file, its container included. It has no way to be written. */
export interface ImageFile extends ByteSource {
  /** Bytes of the file. */
  readonly byteLength: number;
  /**
   * Fills `into` with the bytes from `offset` on.
   *
   * @throws VmgsError VMGS_DISK_RANGE past the end; VMGS_IO when the medium fails.
   */
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** Takes bytes in memory for a file; they are not copied. */
export function memoryImage(bytes: Uint8Array): ImageFile {
  const { length: byteLength } = bytes;
  return {
    byteLength,
    async read(offset, into) {
      checkImageRead(byteLength, offset, into.length);
      into.set(bytes.subarray(offset, offset + into.length));
    },
  };
}

/** Takes a Blob, or a File that the user chose, for a file. Only the ranges that are asked for are read. */
export function blobImage(blob: Blob): ImageFile {
  return {
    byteLength: blob.size,
    async read(offset, into) {
      checkImageRead(blob.size, offset, into.length);
      await readBlob(blob, offset, into);
    },
  };
}

/** @throws VmgsError VMGS_DISK_RANGE */
function checkImageRead(byteLength: number, offset: number, length: number): void {
  if (offset >= 0 && offset + length <= byteLength) return;
  throw new VmgsError(
    "VMGS_DISK_RANGE",
    `${length} bytes at ${offset} reach past the end (${byteLength} bytes)`,
    { offset, bytes: length, limit: byteLength },
  );
}
