/** Where blocks live. A disk is the store without its container's footer. */

import { type Check, checkBytes, checkNumber, checkObject, checkWhole, having } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import type { SectorSize } from "../format/index.ts";
import {
  type ByteReader,
  checkSourceReadOptions,
  type SourceReadOptions,
  type SyncByteReader,
} from "../steps/index.ts";
import type { Container } from "./container.ts";

/** What every disk knows of itself. */
export interface DiskInfo {
  readonly container: Container;
  readonly sectorSize: SectorSize;
  /** Bytes of the disk, without the footer of the container. */
  readonly byteLength: number;
}

/** A disk that can be read. It has no way to be written. */
export interface Disk extends DiskInfo, ByteReader {
  /**
   * Fills `into` with the bytes from `offset` on.
   *
   * @throws VmgsError VMGS_DISK_RANGE past the end; VMGS_IO when the medium fails.
   */
  read(offset: number, into: Uint8Array, options?: SourceReadOptions): Promise<void>;
}

/** A disk that can be read without waiting. */
export interface SyncDisk extends DiskInfo, SyncByteReader {
  /** As `read`, without waiting. */
  readSync(offset: number, into: Uint8Array): void;
}

/** A disk that can be changed. */
export interface WritableDisk extends Disk {
  /**
   * Writes whole sectors: `offset` and the length are multiples of the sector size.
   *
   * @throws VmgsError VMGS_DISK_RANGE, VMGS_DISK_FULL, VMGS_READ_ONLY_MEDIA, VMGS_IO
   */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Returns when everything written so far has reached the medium. */
  flush(): Promise<void>;
  /**
   * Takes the space that later writes to these bytes need, and changes none of them; what reaches past the end is left
   * out. For disks in sparse files: others have their space and no such method.
   *
   * @throws VmgsError VMGS_DISK_FULL
   */
  reserve?(offset: number, length: number): Promise<void>;
}

/** Disks as `openMemoryDisk`, `openDisk` and `openDiskFile` make them. */
export const checkDisk: Check = having("container", "sectorSize", "byteLength", "read");
export const checkSyncDisk: Check = having("container", "sectorSize", "byteLength", "readSync");
export const checkWritableDisk: Check = having(
  "container",
  "sectorSize",
  "byteLength",
  "read",
  "write",
  "flush",
);

/** What every `read` of a disk takes. @throws VmgsError VMGS_INVALID_ARGUMENT, VMGS_DISK_RANGE */
export function checkReadInto(
  disk: DiskInfo,
  offset: number,
  into: Uint8Array,
  options?: SourceReadOptions,
): void {
  if (options !== undefined) checkSourceReadOptions(options, "options");
  checkNumber(offset, "offset");
  checkBytes(into, "into");
  checkRange(disk, offset, into.length);
}

/** What every `write` of a disk takes. @throws VmgsError VMGS_INVALID_ARGUMENT, VMGS_DISK_RANGE */
export function checkWriteOf(disk: DiskInfo, offset: number, bytes: Uint8Array): void {
  checkNumber(offset, "offset");
  checkBytes(bytes, "bytes");
  checkWholeSectors(disk, offset, bytes.length);
}

/** @throws VmgsError VMGS_DISK_RANGE */
export function checkRead(disk: DiskInfo, offset: number, length: number): void {
  checkPlace(disk, offset, length);
  checkRange(disk, offset, length);
}

/** @throws VmgsError VMGS_DISK_RANGE */
export function checkWrite(disk: DiskInfo, offset: number, length: number): void {
  checkPlace(disk, offset, length);
  checkWholeSectors(disk, offset, length);
}

function checkPlace(disk: DiskInfo, offset: number, length: number): void {
  checkObject(disk, "disk", "container", "sectorSize", "byteLength");
  checkNumber(offset, "offset");
  checkWhole(length, "length");
}

function checkRange({ byteLength }: DiskInfo, offset: number, length: number): void {
  if (offset >= 0 && Number.isInteger(offset) && offset + length <= byteLength) return;
  const message = `${length} bytes at ${offset} reach past the end (${byteLength} bytes)`;
  throw new VmgsError("VMGS_DISK_RANGE", message, { offset, bytes: length, limit: byteLength });
}

function checkWholeSectors(disk: DiskInfo, offset: number, length: number): void {
  checkRange(disk, offset, length);
  if (offset % disk.sectorSize === 0 && length % disk.sectorSize === 0) return;
  const message = `${length} bytes at ${offset} are not whole sectors of ${disk.sectorSize}`;
  throw new VmgsError("VMGS_DISK_RANGE", message, { offset, bytes: length });
}
