/** The files of a store as people ask for them. */

import { checkFlag, checkWhole, optionsOf } from "../arguments/index.ts";
import {
  BLOCK_SIZE,
  type FileIdName,
  fileIdName,
  fileRole,
  isSealed,
  isStoreTable,
} from "../format/index.ts";
import { checkState, contentForm, isEncrypted, type StoreState } from "./state.ts";

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

const checkListOptions = optionsOf({ all: checkFlag });

/** Users' files in ascending ID; with `all`, the two tables (0 and 63) too. */
export function listFiles(state: StoreState, options: { readonly all?: boolean } = {}): StoreFile[] {
  checkState(state, "state");
  checkListOptions(options, "options");
  const { all = false } = options;
  const files: StoreFile[] = [];
  for (const record of state.files.values()) {
    const own = isStoreTable(record.fileId);
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

/**
 * Whether a new version of a file is stored encrypted when the caller doesn't say: as the version before; a new file
 * unless boots read it before they unlock the store (docs/decisions/0007-what-is-encrypted.md).
 */
export function isWrittenEncrypted(state: StoreState, fileId: number): boolean {
  checkState(state, "state");
  checkWhole(fileId, "fileId");
  if (!isEncrypted(state)) return false;
  const existing = listFiles(state).find(({ id }) => id === fileId);
  return existing?.encrypted ?? fileRole(fileId).confidential;
}
