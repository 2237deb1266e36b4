/** Old file tables in free blocks: each describes itself in its entry 0, which makes it certain (spec: layouts). */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { BLOCK_SIZE, FileId, isAllZero } from "../format/index.ts";
import { examineFileTable, type FileTableReading } from "../store/rooms.ts";

/** Why a block is taken for a file table. */
export interface FileTableEvidence {
  readonly table: FileTableReading;
  /** Why the block is a file table, one sentence each. */
  readonly evidence: readonly string[];
}

/**
 * Whether a block is a file table that was written to this very block: then its entry 0 names the block, with
 * one block of 4096 bytes and zeros in every other field.
 *
 * @param bytes the 4096 bytes of the block
 * @param block its number
 */
export function recogniseFileTable(
  bytes: Uint8Array,
  block: number,
  blockCapacity: number,
): FileTableEvidence | null {
  checkBytes(bytes, "bytes");
  checkWhole(block, "block");
  checkWhole(blockCapacity, "blockCapacity");
  if (bytes[4] !== 1 || bytes.length !== BLOCK_SIZE) return null;
  const table = examineFileTable(bytes, block, blockCapacity);
  const self = table.files.get(FileId.FILE_TABLE);
  if (self === undefined || self.block !== block || self.blocks !== 1 || self.byteLength !== BLOCK_SIZE)
    return null;
  if (!isAllZero(self.nonce) || !isAllZero(self.tag) || self.attributes !== 0 || !isAllZero(self.reserved))
    return null;
  const evidence = [`entry 0 says that the file table lies here, at block ${block}`];
  evidence.push(
    table.problems.length === 0
      ? `all ${table.files.size} entries in use are possible`
      : `${table.problems.length} entries are impossible: a torn or damaged table`,
  );
  return { table, evidence };
}
