/** A disk over a browser Blob or File. Read-only: a Blob can't be written. */

import { checkBlob } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { run } from "../steps/index.ts";
import { type ContainerOptions, checkContainerOptions, detectContainer } from "./container.ts";
import { checkReadInto, type Disk } from "./disk.ts";

/** Bytes that are held twice at most while a large range is copied. */
const CHUNK = 1 << 20;

/**
 * Takes a Blob, or a File that the user chose, for a disk. Only the ranges that are asked for are read.
 *
 * @throws VmgsError as `detectContainer`; VMGS_IO when the browser can't read the file any more.
 */
export async function openBlob(blob: Blob, options: ContainerOptions = {}): Promise<Disk> {
  checkBlob(blob, "blob");
  checkContainerOptions(options, "options");
  const source = { read: (offset: number, into: Uint8Array) => readBlob(blob, offset, into) };
  const container = await run(detectContainer(blob.size, options), source);
  const disk: Disk = {
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    async read(offset, into) {
      checkReadInto(disk, offset, into);
      await readBlob(blob, offset, into);
    },
  };
  return disk;
}

/** Fills `into` with the bytes of a Blob from `offset` on. */
export async function readBlob(blob: Blob, offset: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; done += CHUNK) {
    const end = Math.min(done + CHUNK, into.length);
    let part: ArrayBuffer;
    try {
      part = await blob.slice(offset + done, offset + end).arrayBuffer();
    } catch (cause) {
      throw new VmgsError(
        "VMGS_IO",
        "the file can't be read any more; was it changed or removed?",
        { offset },
        { cause },
      );
    }
    into.set(new Uint8Array(part), done);
  }
}
