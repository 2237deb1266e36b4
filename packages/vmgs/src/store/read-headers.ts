/** Reads both headers and decides which one counts (spec: opening, steps 1 to 5). */

import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  HEADER_SIZE,
  type HeaderReading,
  type HeaderSlot,
  headerOffset,
  nextSequence,
  readHeader,
} from "../format/index.ts";
import { read, type Steps } from "../steps/index.ts";
import type { StoreGeometry } from "./state.ts";

/** Both header copies as they lie on the disk, by slot. */
export type HeaderPair = readonly [HeaderReading, HeaderReading];

const GPT_SIGNATURE = { offset: 512, text: "EFI PART" };

/**
 * Reads the first two blocks.
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
  const blocks = yield* read(0, 2 * BLOCK_SIZE);
  if (isGpt(blocks)) {
    throw new VmgsError("VMGS_V1_FORMAT", "the disk is a version 1 store (GPT)", {
      offset: GPT_SIGNATURE.offset,
    });
  }
  const pair: HeaderPair = [reading(blocks, 0, geometry), reading(blocks, 1, geometry)];
  if (pair[0].blank && pair[1].blank) {
    throw new VmgsError("VMGS_EMPTY_STORE", "both headers are zero: the disk was never formatted");
  }
  return pair;
}

function reading(blocks: Uint8Array, slot: HeaderSlot, { sectorSize }: StoreGeometry): HeaderReading {
  const at = headerOffset(slot, sectorSize);
  return readHeader(blocks.subarray(at, at + HEADER_SIZE), slot);
}

function isGpt(blocks: Uint8Array): boolean {
  const { offset, text } = GPT_SIGNATURE;
  return [...text].every((char, i) => blocks[offset + i] === char.charCodeAt(0));
}

/**
 * The slot of the active header.
 *
 * @throws VmgsError VMGS_NO_VALID_HEADER or VMGS_VERSION_UNSUPPORTED with the reason for each, VMGS_SEQUENCE_CONFLICT
 */
export function chooseActive([first, second]: HeaderPair): HeaderSlot {
  if (first.error === null && second.error === null) {
    if (second.header.sequence === nextSequence(first.header.sequence)) return 1;
    if (first.header.sequence === nextSequence(second.header.sequence)) return 0;
    throw new VmgsError(
      "VMGS_SEQUENCE_CONFLICT",
      `both headers are valid, but sequence ${first.header.sequence} and ${second.header.sequence} do not follow each other`,
    );
  }
  if (first.error === null) return 0;
  if (second.error === null) return 1;
  const oldOrNew = [first, second].every(
    ({ error, blank }) => blank || error?.code === "VMGS_VERSION_UNSUPPORTED",
  );
  throw new VmgsError(
    oldOrNew ? "VMGS_VERSION_UNSUPPORTED" : "VMGS_NO_VALID_HEADER",
    `no valid header: ${why(first)}; ${why(second)}`,
  );
}

function why({ slot, blank, error }: HeaderReading): string {
  return blank ? `header ${slot}: is blank` : (error?.message ?? "");
}
