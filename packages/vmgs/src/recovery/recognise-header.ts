/** Headers where no header belongs: left by another sector size, or by an image that was copied into the disk. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { HEADER_SIZE, type HeaderReading, type HeaderSlot, readHeader } from "../format/index.ts";

/** Why bytes are taken for a header. */
export interface HeaderEvidence {
  readonly reading: HeaderReading;
  readonly evidence: readonly string[];
}

const SIGNATURE = [..."GUESTRTS"].map((char) => char.charCodeAt(0));

/** Whether bytes begin with a valid header: signature, every rule, and the checksum. The bytes are copied. */
export function recogniseHeader(bytes: Uint8Array, slot: HeaderSlot = 0): HeaderEvidence | null {
  checkBytes(bytes, "bytes");
  checkWhole(slot, "slot", 1);
  if (bytes.length < HEADER_SIZE || SIGNATURE.some((byte, i) => bytes[i] !== byte)) return null;
  const reading = readHeader(bytes.slice(0, HEADER_SIZE), slot);
  if (reading.problem !== null) return null;
  const { sequence, fileTableOffset } = reading.header;
  const says = `sequence ${sequence}, file table at block ${fileTableOffset}`;
  return { reading, evidence: ["begins with GUESTRTS, and the checksum is right", says] };
}
