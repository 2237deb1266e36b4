/** Where the content of secret files stands once more: seeds are random, so only their own bytes show them. */

import { fileRole, sectorSizes } from "../../format/index.ts";
import { toHex } from "../../layout/index.ts";
import type { FileEvidence } from "./files.ts";

/** Writers fill the last one with zeros, and leave what lies after it. */
const SECTOR = sectorSizes[0];

/** Shorter content can be there by chance. */
const LEAST = 16;
/** Parts with the same beginning above which no more are compared. */
const MOST_ALIKE = 8;

interface SecretPart {
  readonly fileId: number;
  readonly bytes: Uint8Array;
}

/**
 * Finds sectors of secret files in other places. The answer gives the file of which a range holds one, or null;
 * `inBlock` is where the range begins in its block. Parts under 16 bytes, and those that begin with 16 equal bytes, are
 * not looked for.
 */
export function secretPieces(
  files: readonly FileEvidence[],
): (range: Uint8Array, inBlock: number) => number | null {
  const parts = new Map<string, SecretPart[]>();
  for (const { record, content } of files) {
    if (content === null || !fileRole(record.fileId).secret) continue;
    for (let at = 0; at < content.length; at += SECTOR) {
      const bytes = content.subarray(at, at + SECTOR);
      const beginning = beginningOf(bytes, 0);
      if (beginning === null) continue;
      const alike = parts.get(beginning) ?? [];
      if (alike.length < MOST_ALIKE) parts.set(beginning, [...alike, { fileId: record.fileId, bytes }]);
    }
  }
  return (range, inBlock) => {
    if (parts.size === 0) return null;
    for (let at = (SECTOR - (inBlock % SECTOR)) % SECTOR; at < range.length; at += SECTOR) {
      const beginning = beginningOf(range, at);
      const alike = beginning === null ? [] : (parts.get(beginning) ?? []);
      const same = alike.find(({ bytes }) => bytes.every((byte, i) => range[at + i] === byte));
      if (same !== undefined) return same.fileId;
    }
    return null;
  };
}

/** The first bytes as text; null where they are too few or all equal. */
function beginningOf(bytes: Uint8Array, at: number): string | null {
  const beginning = bytes.subarray(at, at + LEAST);
  if (beginning.length < LEAST || beginning.every((byte) => byte === beginning[0])) return null;
  return toHex(beginning);
}
