/** A disk on which a repair is tried out: what is written is kept aside, in order, and read back; the file stays. */

import { type Container, checkReadInto, checkWriteOf, type WritableDisk } from "../../disk/index.ts";
import { type ByteSource, overlaySource } from "../../source/index.ts";
import type { RunOptions } from "../../steps/index.ts";
import type { RepairWrite } from "./types.ts";

export interface OverlayDisk extends WritableDisk {
  /** Everything that was written, and when it was flushed. */
  readonly writes: readonly RepairWrite[];
}

/** Lays a disk over the bytes of a file. */
export function overlayDisk(source: ByteSource, { signal }: RunOptions, container: Container): OverlayDisk {
  const overlay = overlaySource(source, container.fileBytes);
  const writes: RepairWrite[] = [];
  const disk: OverlayDisk = {
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    writes,
    async read(offset, into, options) {
      checkReadInto(disk, offset, into, options);
      signal?.throwIfAborted();
      await overlay.read(offset, into, signal === undefined ? options : { signal });
    },
    async write(offset, bytes) {
      checkWriteOf(disk, offset, bytes);
      writes.push({ kind: "write", offset, bytes });
      overlay.keep(offset, bytes);
    },
    async flush() {
      if (writes.at(-1)?.kind === "write") writes.push({ kind: "flush" });
    },
  };
  return disk;
}
