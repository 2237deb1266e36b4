/** What decides which actions a file allows. Pure. */

import type { Situation } from "../action/index.ts";
import { isSealed, isStoreTable } from "../format/index.ts";
import { toHex } from "../layout/index.ts";
import {
  type FileRecord,
  isEncrypted,
  type StoreState,
  storeSpace,
  storeWarnings,
  usedKeySlots,
} from "../store/index.ts";
import type { Evidence } from "./findings/index.ts";

/** Warnings of a store that writers refuse. */
const NO_WRITES: readonly string[] = ["VMGS_ALLOCATIONS_OVERLAP", "VMGS_TABLE_ENTRY_MISMATCH"];

export function situationOf({ container, store, v1 }: Evidence): Situation {
  const state = store?.state ?? null;
  const previous = store?.previous ?? null;
  const opens = container.error === null && state !== null;
  const tableDamaged = store?.keyError != null && store.keyError.code !== "VMGS_WRONG_KEY";
  return {
    version: v1 === null ? 3 : 1,
    opens: opens || v1?.error === null,
    writable: opens && !storeWarnings(state).some(({ code }) => NO_WRITES.includes(code)),
    encrypted: state !== null && isEncrypted(state),
    unlockable: state !== null && usedKeySlots(state.header).length > 0 && !tableDamaged,
    largestFreeRun: state === null ? 0 : storeSpace(state).largestFreeRun,
    files: filesOf(state?.files ?? []),
    previousFiles:
      state === null || previous === null || container.error !== null ? null : changedFiles(state, previous),
  };
}

/** Files that can be named: the tables of the store itself can't be read as files. */
function filesOf(files: Iterable<readonly [number, FileRecord]>): Situation["files"] {
  return new Map(
    [...files]
      .filter(([id]) => !isStoreTable(id))
      .map(([id, { attributes, blocks }]) => [id, { encrypted: isSealed(attributes), blocks }]),
  );
}

/** Files of the generation before whose stored bytes or entry are not those of now. */
function changedFiles({ files }: StoreState, previous: StoreState): Situation["files"] {
  return filesOf([...previous.files].filter(([id, record]) => !isSame(record, files.get(id))));
}

function isSame(a: FileRecord, b: FileRecord | undefined): boolean {
  return (
    b !== undefined &&
    a.block === b.block &&
    a.byteLength === b.byteLength &&
    a.attributes === b.attributes &&
    toHex(a.nonce) === toHex(b.nonce) &&
    toHex(a.tag) === toHex(b.tag)
  );
}
