/** A version 3 store with the variables of a version 1 file (spec: vmgs-v1, moving to version 3). */

import { checkBytes, checkObject, optionsOf, withMembers } from "../arguments/index.ts";
import { checkWritableDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { encodeMarker, FileId } from "../format/index.ts";
import { provisioningMarker } from "../provisioning/index.ts";
import { checkKey, type Secret } from "../secret/index.ts";
import { type Cipher, checkCipher } from "../steps/index.ts";
import { type Change, formatStore, type WritableStore } from "../store/index.ts";
import { encodeVariableList, MAX_LIST_BYTES, NVRAM_DEVICE } from "../uefi/index.ts";
import type { V1File } from "../v1/index.ts";
import { NVRAM_STATE } from "../v1/rooms.ts";

/** Something that has no place in a version 3 store. Text is untrusted. */
export type NotMigrated =
  | { readonly kind: "lastUpdateTime"; readonly value: string }
  | {
      readonly kind: "state";
      readonly device: string;
      /** `Type` of the device, or null. */
      readonly type: string | null;
      readonly state: string;
    }
  /** A variable or a vendor that can't be read. */
  | { readonly kind: "variable"; readonly name: string | null; readonly reason: string };

/** What a new store will hold, and what it will not. */
export interface Migration {
  /** Variables that come along. */
  readonly variables: number;
  /** BIOS_NVRAM (file 1): the variables in the order vendor, name. */
  readonly list: Uint8Array;
  /** PROVISIONING_MARKER (file 18). */
  readonly marker: Uint8Array;
  readonly notMigrated: readonly NotMigrated[];
}

/**
 * Plans a migration; nothing is written.
 *
 * @throws VmgsError VMGS_UEFI_OUT_OF_SPACE when the variables do not fit a version 3 store
 */
export function planMigration(file: V1File): Migration {
  checkObject(file, "file", "variables", "lastUpdateTime", "copy");
  const { variables: list, lastUpdateTime, copy } = file;
  const { variables, byteLength } = list;
  if (byteLength > MAX_LIST_BYTES) {
    throw new VmgsError(
      "VMGS_UEFI_OUT_OF_SPACE",
      `the variables take ${byteLength} bytes, a version 3 store holds ${MAX_LIST_BYTES}`,
      { bytes: byteLength, limit: MAX_LIST_BYTES },
    );
  }
  const notMigrated: NotMigrated[] = [];
  if (lastUpdateTime !== null) notMigrated.push({ kind: "lastUpdateTime", value: lastUpdateTime });
  for (const { name, message } of list.problems) {
    notMigrated.push({ kind: "variable", name, reason: message });
  }
  for (const { id, type, states } of copy.data.devices) {
    for (const { name } of states) {
      if (id !== NVRAM_DEVICE || name !== NVRAM_STATE) {
        notMigrated.push({ kind: "state", device: id, type, state: name });
      }
    }
  }
  const marker = encodeMarker(provisioningMarker("request", { provisioner: "unknown" }));
  return { variables: variables.length, list: encodeVariableList(list), marker, notMigrated };
}

/** How the new store is made. */
export interface MigrateOptions {
  /** Datastore key: the store is encrypted, and the variables in it. */
  readonly key?: Uint8Array | Secret;
  readonly cipher?: Cipher;
}

const checkMigration = withMembers({ list: checkBytes, marker: checkBytes });
const checkMigrateOptions = optionsOf({ key: checkKey, cipher: checkCipher });

/**
 * Formats a disk and writes what was planned, in one transaction.
 *
 * @throws VmgsError as `formatStore` and `WritableStore.commit`
 */
export async function writeMigration(
  disk: WritableDisk,
  migration: Migration,
  options: MigrateOptions = {},
): Promise<WritableStore> {
  checkWritableDisk(disk, "disk");
  checkMigration(migration, "migration");
  checkMigrateOptions(options, "options");
  const { list, marker } = migration;
  const { key, cipher } = options;
  const store = await formatStore(disk, { ...(key && { key }), ...(cipher && { cipher }) });
  const encrypt = key !== undefined;
  const changes: Change[] = [
    { kind: "write", fileId: FileId.PROVISIONING_MARKER, content: marker, encrypt: false },
  ];
  if (list.length > 0) changes.unshift({ kind: "write", fileId: FileId.BIOS_NVRAM, content: list, encrypt });
  await store.commit(changes);
  return store;
}
