/** A picture of a TPM state: every field with its place and value, secrets hidden. */

import { checkBytes } from "../../arguments/index.ts";
import { type PictureRow, picture, toHex } from "../../layout/index.ts";
import { handleName, handleType, TPM_HT } from "../protocol/index.ts";
import { type EntryPlace, walkEntries } from "./entries.ts";
import {
  entryHeader,
  NV_INDEX_ENTRY_SIZE,
  nvIndexEntry,
  OBJECT_ENTRY_SIZE,
  objectEntry,
  TERMINATOR_SIZE,
  terminator,
} from "./entry-layout.ts";
import { fixedRegions } from "./state-layout.ts";
import { checkStateSize } from "./state-size.ts";

/**
 * Lists the fields of a state in the order of their bytes. What lies after the end of the list, or after the place
 * where it breaks, is left out: it may hold secrets of what was deleted.
 *
 * @throws VmgsError VMGS_TPM_STATE_SIZE
 */
export function pictureTpmState(state: Uint8Array): PictureRow[] {
  checkBytes(state, "state");
  checkStateSize(state.length);
  const { entries, end, corruption } = walkEntries(state);
  const rows = [...picture(fixedRegions, state).rows];
  entries.forEach((place, i) => {
    rows.push(...entryRows(state, place, `entries[${i}]`));
  });
  if (corruption === null && end + TERMINATOR_SIZE <= state.length)
    rows.push(...under("terminator", picture(terminator, state.subarray(end), end).rows));
  return rows;
}

function entryRows(
  state: Uint8Array,
  { offset, entryBytes, handle }: EntryPlace,
  path: string,
): PictureRow[] {
  const bytes = state.subarray(offset, offset + entryBytes);
  const type = handleType(handle);
  if (type === TPM_HT.PERSISTENT && entryBytes >= OBJECT_ENTRY_SIZE) {
    return under(path, picture(objectEntry, bytes, offset).rows);
  }
  if (type !== TPM_HT.NV_INDEX || entryBytes < NV_INDEX_ENTRY_SIZE) {
    return under(path, picture(entryHeader, bytes, offset).rows);
  }
  const data = bytes.subarray(NV_INDEX_ENTRY_SIZE);
  const rows = under(path, picture(nvIndexEntry, bytes, offset).rows);
  if (data.length === 0) return rows;
  return [...rows, dataRow(path, data, offset + NV_INDEX_ENTRY_SIZE, handleName(handle))];
}

/** What lies in an index without a name is up to the guest: it may be a secret. */
function dataRow(path: string, data: Uint8Array, offset: number, name: string | null): PictureRow {
  const hex = name === null ? null : toHex(data);
  const type = `${data.length} bytes`;
  return {
    offset,
    size: data.length,
    path: `${path}.data`,
    type,
    hex,
    value: hex,
    words: name ?? "secret",
    meaning: "data",
  };
}

function under(path: string, rows: readonly PictureRow[]): PictureRow[] {
  return rows.map((row) => ({ ...row, path: `${path}.${row.path}` }));
}
