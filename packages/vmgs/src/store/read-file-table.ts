/** Reads the file table that a header points to (spec: opening, step 6). */

import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  FILE_COUNT,
  FIRST_DATA_BLOCK,
  fileTableEntry,
  type Header,
  TABLE_ENTRY_SIZE,
} from "../format/index.ts";
import { Source } from "../layout/index.ts";
import { read, type Steps } from "../steps/index.ts";
import type { FileRecord, StoreGeometry } from "./state.ts";

/** The block of a file table, and the files it describes. */
export interface FileTableReading {
  readonly fileTable: Uint8Array;
  readonly files: ReadonlyMap<number, FileRecord>;
}

/** @throws VmgsError VMGS_FILE_TABLE_OUT_OF_RANGE, VMGS_CORRUPT_FILE_TABLE */
export function* readFileTable(header: Header, geometry: StoreGeometry): Steps<FileTableReading> {
  const block = header.fileTableOffset;
  if (block >= geometry.blockCapacity) {
    throw new VmgsError(
      "VMGS_FILE_TABLE_OUT_OF_RANGE",
      `the header places the file table at block ${block}, the disk has ${geometry.blockCapacity}`,
      { block, limit: geometry.blockCapacity },
    );
  }
  const fileTable = yield* read(block * BLOCK_SIZE, BLOCK_SIZE);
  return { fileTable, files: parseFileTable(fileTable, block, geometry.blockCapacity) };
}

/** Only allocated entries are decoded: most of the 64 are not, and a scan opens thousands of stores. */
export function parseFileTable(
  fileTable: Uint8Array,
  block: number,
  blockCapacity: number,
): Map<number, FileRecord> {
  const files = new Map<number, FileRecord>();
  const source = new Source(fileTable);
  for (let fileId = 0; fileId < FILE_COUNT; fileId++) {
    const at = fileId * TABLE_ENTRY_SIZE;
    if (source.view.getUint32(at + fileTableEntry.offsets.allocationSize, true) === 0) continue;
    source.offset = at;
    const entry = fileTableEntry.decode(source);
    const wrong = entryProblem(entry, blockCapacity);
    if (wrong !== undefined) {
      throw new VmgsError("VMGS_CORRUPT_FILE_TABLE", `file table entry ${fileId}: ${wrong}`, {
        fileId,
        block: entry.offset,
        offset: block * BLOCK_SIZE + at,
      });
    }
    files.set(fileId, {
      fileId,
      block: entry.offset,
      blocks: entry.allocationSize,
      byteLength: Number(entry.validDataSize),
      nonce: entry.nonce,
      tag: entry.authenticationTag,
      attributes: entry.attributes,
    });
  }
  return files;
}

interface EntrySizes {
  readonly offset: number;
  readonly allocationSize: number;
  readonly validDataSize: bigint;
}

function entryProblem(
  { offset, allocationSize, validDataSize }: EntrySizes,
  capacity: number,
): string | undefined {
  if (offset < FIRST_DATA_BLOCK) return `offset ${offset} lies in the header blocks`;
  if (offset + allocationSize > capacity) {
    return `offset ${offset} + ${allocationSize} blocks is past the end (${capacity} blocks)`;
  }
  if (validDataSize > BigInt(allocationSize) * BigInt(BLOCK_SIZE)) {
    return `${validDataSize} valid bytes do not fit ${allocationSize} blocks`;
  }
  return undefined;
}
