/** A part of a source as a file of its own: a member of an archive. */

import { checkWhole } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { type ByteSource, checkByteSource, checkSourceRead } from "./byte-source.ts";

/**
 * Takes `byteLength` bytes of a source from `offset` on for a file.
 *
 * @throws VmgsError VMGS_DISK_RANGE when the source has fewer bytes
 */
export function windowSource(source: ByteSource, offset: number, byteLength: number): ByteSource {
  checkByteSource(source, "source");
  checkWhole(offset, "offset");
  checkWhole(byteLength, "byteLength");
  if (offset + byteLength > source.byteLength) {
    const message = `${byteLength} bytes at ${offset} reach past the end (${source.byteLength} bytes)`;
    throw new VmgsError("VMGS_DISK_RANGE", message, { offset, bytes: byteLength, limit: source.byteLength });
  }
  return {
    byteLength,
    async read(at, into, options) {
      checkSourceRead(byteLength, at, into, options);
      await source.read(offset + at, into, options);
    },
    bytesAtHand: (at, length) =>
      at + length <= byteLength ? source.bytesAtHand?.(offset + at, length) : undefined,
  };
}
