/** The UEFI variables of a store: BIOS_NVRAM (1). */

import { FileId, type Store, type SyncStore, type WritableStore } from "vmgskit";
import {
  checkListSpace,
  emptyVariableList,
  encodeVariableList,
  listOf,
  type ReadListOptions,
  readVariableList,
  type Variable,
  type VariableList,
} from "vmgskit/uefi";

/**
 * The list as it is stored; a store without the file has no variables.
 *
 * @throws VmgsError VMGS_NEEDS_UNLOCK, VMGS_AUTHENTICATION_FAILED
 */
export async function readNvram(
  store: Store | SyncStore,
  options: ReadListOptions = {},
): Promise<VariableList> {
  if (!store.state.files.has(FileId.BIOS_NVRAM)) return emptyVariableList;
  return readVariableList(await store.readFile(FileId.BIOS_NVRAM), options);
}

/** For changing: entries whose name has no NUL, a known corruption, stay where they are. */
export function readNvramForChange(store: Store | SyncStore): Promise<VariableList> {
  return readNvram(store, { skipUnterminatedNames: true });
}

/**
 * Writes the list in one transaction, encrypted where the store is, in the order in which the reference writes it.
 * Returns the sequence number afterwards.
 */
export async function writeNvram(
  store: WritableStore,
  list: VariableList,
  signal: AbortSignal,
): Promise<number> {
  // What can't be read stays where it is, so then everything does.
  const sortable = list.parts.length === list.variables.length;
  checkListSpace(list);
  const content = encodeVariableList(sortable ? listOf(byVendorAndName(list.variables)) : list);
  const { next } = await store.commit(
    [{ kind: "write", fileId: FileId.BIOS_NVRAM, content, encrypt: true }],
    { signal },
  );
  return next.header.sequence;
}

/** The order of the reference, in files and on screen. */
export function byVendorAndName(variables: readonly Variable[]): Variable[] {
  return [...variables].sort((a, b) => compare(a.vendor, b.vendor) || compare(a.name, b.name));
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
