/** What is lost when a boot formats the disk. Pure. */

import { FileId, type FileIdName, fileIdName, isSealed, isStoreTable } from "../../format/index.ts";
import type { Gathered } from "../evidence/index.ts";

/** A file that is gone when the disk is formatted. */
export interface LostFile {
  readonly id: number;
  /** Its name, or null when the ID has none. */
  readonly name: FileIdName | null;
  /** Bytes of content. */
  readonly bytes: number;
  readonly encrypted: boolean;
}

/** What is gone when a disk is formatted. */
export interface Losses {
  /** In ascending ID. Of a store that does not open, what its old tables tell. */
  readonly files: readonly LostFile[];
  /** False when there may be more: the store does not open, and not all of it can be listed. */
  readonly complete: boolean;
}

/** Lists the files of a disk. */
export function lossesOf({ container, store }: Gathered): Losses {
  const state = store?.state ?? null;
  const tables = state === null ? (store?.tables ?? []).map(({ files }) => files) : [state.files];
  const files = new Map<number, LostFile>();
  for (const { fileId, byteLength, attributes } of tables.flatMap((table) => [...table.values()])) {
    const own = isStoreTable(fileId);
    if (own || files.has(fileId)) continue;
    files.set(fileId, {
      id: fileId,
      name: fileIdName(fileId),
      bytes: byteLength,
      encrypted: isSealed(attributes),
    });
  }
  const isBlank = store?.error?.code === "VMGS_EMPTY_STORE" && store.firstDataAt === null;
  return {
    files: [...files.values()].sort((a, b) => a.id - b.id),
    complete: state !== null || isBlank || container.firstByteAt === null,
  };
}

/** Whether something of value is lost; the marker is not: a format writes another one. */
export function losesData({ files, complete }: Losses): boolean {
  return !complete || files.some(({ id }) => id !== FileId.PROVISIONING_MARKER);
}
