/** Provisioning markers in blocks that belong to no file (spec: provisioning and the marker). */

import { checkBytes } from "../arguments/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { decodeMarker, isAllZero, MAX_MARKER_SIZE, type MarkerReading } from "../format/index.ts";

/** Why bytes are taken for a provisioning marker. */
export interface MarkerEvidence {
  readonly marker: MarkerReading;
  /** Bytes of the JSON. */
  readonly bytes: number;
  readonly evidence: readonly string[];
}

/** Fields of a marker that must be there, so that any other JSON is not taken for one. */
const LEAST_FIELDS = 3;
const FIELDS = 7;

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Writers fill the last sector with zeros. */
const SECTOR = 512;

/** True when a block may begin a marker: an open brace. Spares the rest of the work. */
export function mayBeMarker(block: Uint8Array): boolean {
  return block[0] === OPEN;
}

/** Whether bytes begin with a marker: one JSON object with the fields of a marker. At most 64 KiB are looked at. */
export function recogniseMarker(bytes: Uint8Array): MarkerEvidence | null {
  checkBytes(bytes, "bytes");
  if (!mayBeMarker(bytes)) return null;
  const length = objectLength(bytes.subarray(0, MAX_MARKER_SIZE));
  if (length === null) return null;
  let marker: MarkerReading;
  try {
    marker = decodeMarker(bytes.slice(0, length));
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
  const known = marker.fields.length - marker.unknownFields.length;
  if (marker.provisioner === null || known < LEAST_FIELDS) return null;
  const evidence = [`a JSON object of ${length} bytes with ${known} of the ${FIELDS} fields of a marker`];
  const fill = (SECTOR - (length % SECTOR)) % SECTOR;
  if (length + fill <= bytes.length && isAllZero(bytes, length, length + fill)) {
    evidence.push("the rest of its last sector is zero, as after a write");
  }
  return { marker, bytes: length, evidence };
}

/** Bytes of the JSON object at the start, or null when it does not end. */
function objectLength(bytes: Uint8Array): number | null {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return i + 1;
    else if (byte === 0) return null;
  }
  return null;
}
