/** The files of a store as people ask for them. */

import { BLOCK_SIZE, FileId, type FileIdName, fileIdName, isSealed } from "../format/index.ts";
import { contentForm, type StoreState } from "./state.ts";

/** A user's file. */
export interface StoreFile {
  readonly id: number;
  /** Its name, or null when the ID has none. */
  readonly name: FileIdName | null;
  /** First block. */
  readonly block: number;
  /** Blocks owned. */
  readonly blocks: number;
  /** Bytes of content. */
  readonly bytes: number;
  /** Bytes of the blocks owned. */
  readonly allocatedBytes: number;
  /** Whether the content is stored encrypted, as far as is known without or with the key. */
  readonly encrypted: boolean;
  /** Whether the content can be read now: it is plain, or its key is known. */
  readonly readable: boolean;
}

/** Users' files in ascending ID; with `all`, the two tables (0 and 63) too. */
export function listFiles(state: StoreState, { all = false } = {}): StoreFile[] {
  const files: StoreFile[] = [];
  for (const record of state.files.values()) {
    const own = record.fileId === FileId.FILE_TABLE || record.fileId === FileId.EXTENDED_FILE_TABLE;
    if (own && !all) continue;
    const form = contentForm(state, record);
    files.push({
      id: record.fileId,
      name: fileIdName(record.fileId),
      block: record.block,
      blocks: record.blocks,
      bytes: record.byteLength,
      allocatedBytes: record.blocks * BLOCK_SIZE,
      encrypted: own ? isSealed(record.attributes) : form.kind !== "plain",
      readable: own || form.kind !== "locked",
    });
  }
  return files;
}
