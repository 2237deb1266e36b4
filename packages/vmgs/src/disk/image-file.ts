/** The bytes of a file before anybody said what they are: what looks at files that are no disk needs no more. */

import {
  type Check,
  checkBlob,
  checkBytes,
  checkNumber,
  checkObject,
  checkWhole,
  refused,
} from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import type { ByteSource } from "../steps/index.ts";
import { readBlob } from "./blob.ts";

/**
 * A whole file, its container included. It has no way to be written. A disk is not one: the footer of a VHD is not among
 * its bytes, which would be taken for a file that was cut.
 */
export interface ImageFile extends ByteSource {
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Only disks have one, and a disk can't be given where a file is meant. */
  readonly container?: never;
  /**
   * Fills `into` with the bytes from `offset` on.
   *
   * @throws VmgsError VMGS_DISK_RANGE past the end; VMGS_IO when the medium fails.
   */
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** A whole file, and not a disk, whose bytes are others. */
export const checkImageFile: Check = (value, name) => {
  checkObject(value, name, "byteLength", "read");
  checkWhole((value as ImageFile).byteLength, `${name}.byteLength`);
  if ("container" in (value as object)) {
    throw refused(
      name,
      "a whole file, such as memoryImage, blobImage and openImageFile give",
      value,
      "a disk",
    );
  }
};

/** Takes bytes in memory for a file; they are not copied. */
export function memoryImage(bytes: Uint8Array): ImageFile {
  checkBytes(bytes, "bytes");
  const { length: byteLength } = bytes;
  return {
    byteLength,
    async read(offset, into) {
      checkImageRead(byteLength, offset, into);
      into.set(bytes.subarray(offset, offset + into.length));
    },
  };
}

/** Takes a Blob, or a File that the user chose, for a file. Only the ranges that are asked for are read. */
export function blobImage(blob: Blob): ImageFile {
  checkBlob(blob, "blob");
  return {
    byteLength: blob.size,
    async read(offset, into) {
      checkImageRead(blob.size, offset, into);
      await readBlob(blob, offset, into);
    },
  };
}

/** What every `read` of a file takes. @throws VmgsError VMGS_INVALID_ARGUMENT, VMGS_DISK_RANGE */
export function checkImageRead(byteLength: number, offset: number, into: Uint8Array): void {
  checkNumber(offset, "offset");
  checkBytes(into, "into");
  const { length } = into;
  if (offset >= 0 && Number.isInteger(offset) && offset + length <= byteLength) return;
  throw new VmgsError(
    "VMGS_DISK_RANGE",
    `${length} bytes at ${offset} reach past the end (${byteLength} bytes)`,
    { offset, bytes: length, limit: byteLength },
  );
}
