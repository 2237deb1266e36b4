/** The bytes of a file before anybody said what they are. A disk is made from them, and is not one of these. */

import { type Check, checkBytes, checkNumber, checkObject, checkWhole, refused } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  type ByteReader,
  checkSourceReadOptions,
  type SourceReadOptions,
  type SyncByteReader,
} from "../steps/index.ts";

/**
 * A whole file, its container included, wherever it lies. It has no way to be written. A disk is not one: the footer of
 * a VHD is not among its bytes, and the file would be taken for one that was cut.
 */
export interface ByteSource extends ByteReader {
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Only disks have one: no disk can be given where a file is meant. */
  readonly container?: never;
  /** What the file was taken out of, outermost first, such as `gzip` or `tar`. */
  readonly wrapping?: readonly string[];
  /**
   * Fills `into` with the bytes from `offset` on, completely, or fails.
   *
   * @throws VmgsError VMGS_DISK_RANGE past the end; VMGS_IO when the medium fails; the signal's reason
   */
  read(offset: number, into: Uint8Array, options?: SourceReadOptions): Promise<void>;
}

/** The same, at once. */
export interface SyncByteSource extends SyncByteReader {
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Only disks have one: no disk can be given where a file is meant. */
  readonly container?: never;
  /** As `read` of `ByteSource`, without waiting. */
  readSync(offset: number, into: Uint8Array): void;
}

const WHOLE_FILE = "a whole file, such as memorySource, blobSource, httpSource and openFileSource give";

/** A whole file, and not a disk, whose bytes are others. */
export const checkByteSource: Check = (value, name) => checkWholeFile(value, name, "read");

/** The same, for readers that don't wait. */
export const checkSyncByteSource: Check = (value, name) => checkWholeFile(value, name, "readSync");

function checkWholeFile(value: unknown, name: string, reading: "read" | "readSync"): void {
  refuseNotWhole(value, name, WHOLE_FILE, reading);
  if ("container" in (value as object)) throw refused(name, WHOLE_FILE, value, "a disk");
}

/** Refuses what can't be read, in words that say what the parameter takes. */
export function refuseNotWhole(
  value: unknown,
  name: string,
  expected: string,
  reading: "read" | "readSync",
): void {
  try {
    checkObject(value, name, "byteLength", reading);
  } catch {
    throw refused(name, expected, value);
  }
  checkWhole((value as ByteSource).byteLength, `${name}.byteLength`);
}

/** What every `read` of a source takes. @throws VmgsError VMGS_INVALID_ARGUMENT, VMGS_DISK_RANGE */
export function checkSourceRead(
  byteLength: number,
  offset: number,
  into: Uint8Array,
  options?: SourceReadOptions,
): void {
  if (options !== undefined) checkSourceReadOptions(options, "options");
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
