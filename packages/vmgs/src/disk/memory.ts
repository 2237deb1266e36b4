/** A disk in memory: for fixtures, tests and what is small enough to hold. */

import { checkBytes, checkWhole, oneOf } from "../arguments/index.ts";
import { type SectorSize, sectorSizes } from "../format/index.ts";
import { runSync } from "../steps/index.ts";
import {
  type Container,
  type ContainerOptions,
  checkContainerOptions,
  detectContainer,
} from "./container.ts";
import { checkReadInto, checkWriteOf, type SyncDisk, type WritableDisk } from "./disk.ts";

/** A disk over bytes in memory. Changes go to `image`. */
export interface MemoryDisk extends WritableDisk, SyncDisk {
  /** The whole file: the disk, and the VHD footer if it has one. */
  readonly image: Uint8Array;
}

/**
 * Takes an image in memory for a disk; it is not copied.
 *
 * @throws VmgsError as `detectContainer`
 */
export function openMemoryDisk(image: Uint8Array, options: ContainerOptions = {}): MemoryDisk {
  checkBytes(image, "image");
  checkContainerOptions(options, "options");
  const source = { readSync: (offset: number, into: Uint8Array) => copy(image, offset, into) };
  return diskOver(image, runSync(detectContainer(image.length, options), source));
}

/** More than any engine gives in one piece. */
const MAX_MEMORY_BYTES = 2 ** 32;

const checkSectorBytes = oneOf(sectorSizes);

/** Makes a blank raw disk of zeros, of at most 4 GiB. */
export function createMemoryDisk(byteLength: number, sectorSize: SectorSize = 512): MemoryDisk {
  checkWhole(byteLength, "byteLength", MAX_MEMORY_BYTES);
  checkSectorBytes(sectorSize, "sectorSize");
  return openMemoryDisk(new Uint8Array(byteLength), { container: "raw", sectorSize });
}

function diskOver(image: Uint8Array, container: Container): MemoryDisk {
  const disk: MemoryDisk = {
    image,
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    readSync(offset, into) {
      checkReadInto(disk, offset, into);
      copy(image, offset, into);
    },
    async read(offset, into, options) {
      checkReadInto(disk, offset, into, options);
      copy(image, offset, into);
    },
    async write(offset, bytes) {
      checkWriteOf(disk, offset, bytes);
      image.set(bytes, offset);
    },
    async flush() {},
  };
  return disk;
}

function copy(image: Uint8Array, offset: number, into: Uint8Array): void {
  into.set(image.subarray(offset, offset + into.length));
}
