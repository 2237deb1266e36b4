/** Reads the file table that a header points to (spec: opening, step 6). */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  FILE_COUNT,
  FIRST_DATA_BLOCK,
  fileTableEntry,
  type Header,
  TABLE_ENTRY_SIZE,
} from "../format/index.ts";
import { fieldReaders } from "../layout/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import type { FileRecord, StoreGeometry } from "./state.ts";

/**
 * The allocated files by ID, ascending.
 *
 * @throws VmgsError VMGS_FILE_TABLE_OUT_OF_RANGE, VMGS_CORRUPT_FILE_TABLE
 */
export function* readFileTable(header: Header, geometry: StoreGeometry): Steps<Map<number, FileRecord>> {
  const block = header.fileTableOffset;
  if (block >= geometry.blockCapacity) {
    throw new VmgsError(
      "VMGS_FILE_TABLE_OUT_OF_RANGE",
      `the header places the file table at block ${block}, the disk has ${geometry.blockCapacity}`,
      { block, limit: geometry.blockCapacity },
    );
  }
  const table = yield* peek(block * BLOCK_SIZE, BLOCK_SIZE);
  return parseFileTable(table, block, geometry.blockCapacity);
}

const entry = fieldReaders(fileTableEntry);

/** The allocated files of a table, and its entries that are impossible. */
export interface FileTableReading {
  /** By ID, ascending; impossible ones are left out. */
  readonly files: Map<number, FileRecord>;
  readonly problems: readonly VmgsError[];
  /** The impossible entries as they stand, by ID; nothing about them can be relied on. */
  readonly impossible: ReadonlyMap<number, FileRecord>;
}

/** Reads a table as far as it can be read: for diagnosis and recovery. */
export function examineFileTable(
  fileTable: Uint8Array,
  block: number,
  blockCapacity: number,
): FileTableReading {
  checkBytes(fileTable, "fileTable");
  checkWhole(block, "block");
  checkWhole(blockCapacity, "blockCapacity");
  const problems: VmgsError[] = [];
  const impossible = new Map<number, FileRecord>();
  const files = readEntries(fileTable, block, blockCapacity, (problem, record) => {
    problems.push(problem);
    impossible.set(record.fileId, record);
  });
  return { files, problems, impossible };
}

/** @throws VmgsError VMGS_CORRUPT_FILE_TABLE */
export function parseFileTable(
  fileTable: Uint8Array,
  block: number,
  blockCapacity: number,
): Map<number, FileRecord> {
  return readEntries(fileTable, block, blockCapacity, (problem) => {
    throw problem;
  });
}

/** Only allocated entries are decoded: most of the 64 are not, and a scan opens thousands of stores. */
function readEntries(
  fileTable: Uint8Array,
  block: number,
  blockCapacity: number,
  refuse: (problem: VmgsError, record: FileRecord) => void,
): Map<number, FileRecord> {
  const files = new Map<number, FileRecord>();
  for (let fileId = 0; fileId < FILE_COUNT; fileId++) {
    const at = fileId * TABLE_ENTRY_SIZE;
    const blocks = entry.allocationSize(fileTable, at);
    if (blocks === 0) continue;
    const first = entry.offset(fileTable, at);
    const validBytes = entry.validDataSize(fileTable, at);
    // A size above 2^53 loses digits here: no run of blocks is as long, so it is refused, and shown with its digits.
    const byteLength = Number(validBytes);
    const record: FileRecord = {
      fileId,
      block: first,
      blocks,
      byteLength,
      nonce: entry.nonce(fileTable, at),
      tag: entry.authenticationTag(fileTable, at),
      attributes: entry.attributes(fileTable, at),
      reserved: entry.reserved(fileTable, at),
    };
    const wrong = entryProblem(first, blocks, validBytes, blockCapacity);
    if (wrong === undefined) {
      files.set(fileId, record);
      continue;
    }
    const facts = { fileId, block: first, offset: block * BLOCK_SIZE + at };
    refuse(new VmgsError("VMGS_CORRUPT_FILE_TABLE", `file table entry ${fileId}: ${wrong}`, facts), record);
  }
  return files;
}

function entryProblem(
  offset: number,
  blocks: number,
  validBytes: bigint,
  capacity: number,
): string | undefined {
  if (offset < FIRST_DATA_BLOCK) return `offset ${offset} lies in the header blocks`;
  if (offset + blocks > capacity)
    return `offset ${offset} + ${blocks} blocks is past the end (${capacity} blocks)`;
  if (validBytes > blocks * BLOCK_SIZE) return `${validBytes} valid bytes do not fit ${blocks} blocks`;
  return undefined;
}
