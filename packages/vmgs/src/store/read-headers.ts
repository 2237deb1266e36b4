/** Reads both headers and decides which one counts (spec: opening, steps 1 to 5). */

import { checkList, having } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  type HeaderReading,
  type HeaderSlot,
  headerOffset,
  nextSequence,
  readHeader,
} from "../format/index.ts";
import { kept, readInto, type Steps } from "../steps/index.ts";
import type { StoreGeometry } from "./state.ts";

/** Both header copies as they lie on the disk, by slot. */
export type HeaderPair = readonly [HeaderReading, HeaderReading];

const GPT_SIGNATURE = { offset: 512, text: "EFI PART" };

/**
 * Reads the sectors of both headers: 1 KiB, or 8 KiB on a disk with 4096-byte sectors.
 *
 * @throws VmgsError VMGS_DISK_TOO_SMALL, VMGS_V1_FORMAT, VMGS_EMPTY_STORE
 */
export function* readHeaders(geometry: StoreGeometry): Steps<HeaderPair> {
  if (geometry.byteLength < 2 * BLOCK_SIZE) {
    throw new VmgsError(
      "VMGS_DISK_TOO_SMALL",
      `the disk has ${geometry.byteLength} bytes, its two header blocks alone take ${2 * BLOCK_SIZE}`,
      { bytes: geometry.byteLength, limit: 2 * BLOCK_SIZE },
    );
  }
  const sectors = kept(2 * geometry.sectorSize);
  yield readInto(0, sectors);
  if (isGpt(sectors)) {
    throw new VmgsError("VMGS_V1_FORMAT", "the disk is a version 1 store (GPT)", {
      offset: GPT_SIGNATURE.offset,
    });
  }
  const pair: HeaderPair = [reading(sectors, 0, geometry), reading(sectors, 1, geometry)];
  if (pair[0].blank && pair[1].blank) {
    throw new VmgsError("VMGS_EMPTY_STORE", "both headers are zero: the disk was never formatted");
  }
  return pair;
}

function reading(sectors: Uint8Array, slot: HeaderSlot, { sectorSize }: StoreGeometry): HeaderReading {
  return readHeader(sectors, slot, headerOffset(slot, sectorSize));
}

function isGpt(sectors: Uint8Array): boolean {
  const { offset, text } = GPT_SIGNATURE;
  for (let i = 0; i < text.length; i++) if (sectors[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

const checkReading = having("slot", "header", "blank", "problem");

/**
 * The slot of the active header.
 *
 * @throws VmgsError VMGS_NO_VALID_HEADER or VMGS_VERSION_UNSUPPORTED with the reason for each, VMGS_SEQUENCE_CONFLICT
 */
export function chooseActive(headers: HeaderPair): HeaderSlot {
  checkList(headers, "headers");
  const [first, second] = headers;
  checkReading(first, "headers[0]");
  checkReading(second, "headers[1]");
  if (first.problem === null && second.problem === null) {
    if (second.header.sequence === nextSequence(first.header.sequence)) return 1;
    if (first.header.sequence === nextSequence(second.header.sequence)) return 0;
    throw new VmgsError(
      "VMGS_SEQUENCE_CONFLICT",
      `both headers are valid, but sequence ${first.header.sequence} and ${second.header.sequence} do not follow each other`,
    );
  }
  if (first.problem === null) return 0;
  if (second.problem === null) return 1;
  const oldOrNew = [first, second].every(
    ({ problem, blank }) => blank || problem?.code === "VMGS_VERSION_UNSUPPORTED",
  );
  throw new VmgsError(
    oldOrNew ? "VMGS_VERSION_UNSUPPORTED" : "VMGS_NO_VALID_HEADER",
    `no valid header: ${why(first)}; ${why(second)}`,
  );
}

/** `header 0: checksum is …`, for messages. */
export function why({ slot, problem }: HeaderReading): string {
  return `header ${slot}: ${problem?.message ?? "is valid"}`;
}
