/** A disk on which a repair is tried out: what is written is kept aside, in order, and read back; the file stays. */

import { type Container, checkReadInto, checkWriteOf, type WritableDisk } from "../../disk/index.ts";
import type { ByteSource } from "../../steps/index.ts";
import type { RepairWrite } from "./types.ts";

export interface OverlayDisk extends WritableDisk {
  /** Everything that was written, and when it was flushed. */
  readonly writes: readonly RepairWrite[];
}

const SECTOR = 512;

/** Lays a disk over the bytes of a file. */
export function overlayDisk(source: ByteSource, container: Container): OverlayDisk {
  const sectors = new Map<number, Uint8Array>();
  const writes: RepairWrite[] = [];
  const disk: OverlayDisk = {
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    writes,
    async read(offset, into) {
      checkReadInto(disk, offset, into);
      await source.read(offset, into);
      const first = offset - (offset % SECTOR);
      for (let at = first; at < offset + into.length && sectors.size > 0; at += SECTOR) {
        const sector = sectors.get(at);
        if (sector === undefined) continue;
        const from = Math.max(0, offset - at);
        const room = into.length - Math.max(0, at - offset);
        into.set(sector.subarray(from, Math.min(SECTOR, from + room)), Math.max(0, at - offset));
      }
    },
    async write(offset, bytes) {
      checkWriteOf(disk, offset, bytes);
      writes.push({ kind: "write", offset, bytes });
      for (let at = 0; at < bytes.length; at += SECTOR) {
        sectors.set(offset + at, bytes.subarray(at, at + SECTOR));
      }
    },
    async flush() {
      if (writes.at(-1)?.kind === "write") writes.push({ kind: "flush" });
    },
  };
  return disk;
}
