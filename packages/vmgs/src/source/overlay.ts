/** A source under changes that are kept aside: what was written is read back, and the source stays as it is. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { type ByteSource, checkByteSource, checkSourceRead } from "./byte-source.ts";

/** A file with changes that exist in memory only. */
export interface OverlaySource extends ByteSource {
  /** Keeps whole sectors of 512 bytes aside. They are not copied. */
  keep(offset: number, bytes: Uint8Array): void;
}

const SECTOR = 512;

/** Lays changes over a source. `fileBytes` may be longer than the source: what lies past its end is zeros until kept. */
export function overlaySource(source: ByteSource, fileBytes?: number): OverlaySource {
  checkByteSource(source, "source");
  if (fileBytes !== undefined) checkWhole(fileBytes, "fileBytes");
  const byteLength = fileBytes ?? source.byteLength;
  const sectors = new Map<number, Uint8Array>();
  return {
    byteLength,
    async read(offset, into, options) {
      checkSourceRead(byteLength, offset, into, options);
      const inside = Math.max(0, Math.min(into.length, source.byteLength - offset));
      if (inside > 0) await source.read(offset, into.subarray(0, inside), options);
      into.fill(0, inside);
      for (let at = offset - (offset % SECTOR); at < offset + into.length && sectors.size > 0; at += SECTOR) {
        const sector = sectors.get(at);
        if (sector === undefined) continue;
        const from = Math.max(0, offset - at);
        const room = into.length - Math.max(0, at - offset);
        into.set(sector.subarray(from, Math.min(SECTOR, from + room)), Math.max(0, at - offset));
      }
    },
    keep(offset, bytes) {
      checkWhole(offset, "offset");
      checkBytes(bytes, "bytes");
      for (let at = 0; at < bytes.length; at += SECTOR) {
        sectors.set(offset + at, bytes.subarray(at, at + SECTOR));
      }
    },
  };
}
