/** What became of files from one file table to another. Pure: knows where files lie, not what is in them. */

import { checkMap, checkObject } from "../arguments/index.ts";
import { type FileIdName, fileIdName, isSealed } from "../format/index.ts";
import type { FileRecord } from "../store/index.ts";
import { isSameContent, sameBytes } from "../store/rooms.ts";

export { isSameContent, sameBytes };

/** Where a file lies, and how it is stored. */
export interface FilePlace {
  readonly id: number;
  readonly name: FileIdName | null;
  /** First block. */
  readonly block: number;
  /** Blocks owned. */
  readonly blocks: number;
  /** Bytes of content. */
  readonly bytes: number;
  readonly encrypted: boolean;
}

/**
 * `came`, `went`: the file is only in the second, only in the first. `changed`: it was written anew, or its entry was
 * changed. `moved`: it has another ID, its data did not move.
 */
export type TableChangeKind = "came" | "went" | "changed" | "moved";

/** A file that differs between two file tables. */
export interface TableChange {
  readonly kind: TableChangeKind;
  /** In the first table; null for a file that came. */
  readonly before: FilePlace | null;
  /** In the second table; null for a file that went. */
  readonly after: FilePlace | null;
}

/** What a comparison says of a file: where it lies, and how large it is. */
export function filePlace(file: FileRecord): FilePlace {
  checkObject(file, "file", "nonce", "tag", "attributes", "reserved");
  const { fileId, block, blocks, byteLength, attributes } = file;
  const encrypted = isSealed(attributes);
  return { id: fileId, name: fileIdName(fileId), block, blocks, bytes: byteLength, encrypted };
}

/**
 * What happened between two tables, in ascending file ID. The tables themselves (files 0 and 63) are left out: every
 * transaction writes them.
 */
export function compareTables(
  before: ReadonlyMap<number, FileRecord>,
  after: ReadonlyMap<number, FileRecord>,
): TableChange[] {
  checkMap(before, "before");
  checkMap(after, "after");
  const gone = [...before.values()].filter((record) => isUsers(record) && !after.has(record.fileId));
  const changes: TableChange[] = [];
  const moved = new Set<number>();
  for (const record of after.values()) {
    if (!isUsers(record)) continue;
    const old = before.get(record.fileId);
    if (old === undefined || !isSameContent(old, record)) {
      const origin = gone.find((candidate) => isSameContent(candidate, record));
      if (origin !== undefined) {
        moved.add(origin.fileId);
        changes.push({ kind: "moved", before: filePlace(origin), after: filePlace(record) });
        if (old === undefined) continue;
      }
    }
    if (old === undefined) changes.push({ kind: "came", before: null, after: filePlace(record) });
    else if (!isSameContent(old, record) || old.attributes !== record.attributes) {
      changes.push({ kind: "changed", before: filePlace(old), after: filePlace(record) });
    }
  }
  for (const record of gone) {
    if (!moved.has(record.fileId)) {
      changes.push({ kind: "went", before: filePlace(record), after: null });
    }
  }
  return changes.sort((a, b) => idOf(a) - idOf(b));
}

const isUsers = ({ fileId }: FileRecord) => fileId !== 0 && fileId !== 63;
const idOf = ({ before, after }: TableChange) => (after ?? before)?.id ?? 0;
