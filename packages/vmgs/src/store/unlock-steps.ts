/** Unlocking with a datastore key, without I/O (spec: encryption). */

import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  FileId,
  type HeaderSlot,
  isEmptyKeySlot,
  type MetadataKeySlot,
} from "../format/index.ts";
import { checkSecret, Secret } from "../secret/index.ts";
import { readSealed, type Steps, TAG_SIZE, unseal } from "../steps/index.ts";
import {
  checkState,
  type FileKey,
  type FileRecord,
  isEncrypted,
  type StoreState,
  type Unlocked,
  usedKeySlots,
} from "./state.ts";
import { parseExtendedFileTable } from "./tables.ts";

/**
 * Opens the key slots with a key and reads the extended file table. A key that is in both slots opens the store as
 * long as one of them is not stale.
 *
 * @throws VmgsError VMGS_NOT_ENCRYPTED, VMGS_WRONG_KEY, VMGS_EXTENDED_FILE_TABLE
 */
export function* unlockSteps(state: StoreState, key: Secret): Steps<StoreState> {
  checkState(state, "state");
  checkSecret(key, "key");
  if (!isEncrypted(state)) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
  let opened: HeaderSlot | undefined;
  for (const keySlot of [0, 1] as const) {
    const metadataKey = yield* openKeySlot(state, keySlot, key);
    if (metadataKey === null) continue;
    const fileKeys = yield* readFileKeys(state, metadataKey);
    if (fileKeys !== null) {
      const unlocked: Unlocked = { keySlot, metadataKey, datastoreKey: key, fileKeys };
      return { ...state, unlocked };
    }
    opened ??= keySlot;
  }
  if (opened === undefined) throw new VmgsError("VMGS_WRONG_KEY", "the key opens neither key slot");
  const { block } = extendedTableRecord(state);
  throw new VmgsError("VMGS_EXTENDED_FILE_TABLE", whyUnreadable(state, opened), {
    fileId: FileId.EXTENDED_FILE_TABLE,
    block,
    offset: block * BLOCK_SIZE,
  });
}

/** The metadata key in a slot, or null when the slot is empty or another key is needed. */
export function* openKeySlot(state: StoreState, keySlot: HeaderSlot, key: Secret): Steps<Secret | null> {
  const slot = state.header.metadataKeys[keySlot] as MetadataKeySlot;
  if (isEmptyKeySlot(slot)) return null;
  const sealed = concat(slot.encryptedMetadataKey, slot.authenticationTag);
  const metadataKey = yield* unseal(key, slot.nonce, sealed);
  return metadataKey && new Secret(metadataKey);
}

/** What the extended file table holds, or null when the metadata key does not open it. */
export function* readFileKeys(
  state: StoreState,
  metadataKey: Secret,
): Steps<ReadonlyMap<number, FileKey> | null> {
  const table = yield* unsealExtendedFileTable(extendedTableRecord(state), metadataKey);
  if (table === null) return null;
  const fileKeys = parseExtendedFileTable(table, state.files);
  table.fill(0);
  return fileKeys;
}

function extendedTableRecord(state: StoreState): FileRecord {
  const record = state.files.get(FileId.EXTENDED_FILE_TABLE);
  if (record === undefined) {
    throw new VmgsError("VMGS_EXTENDED_FILE_TABLE", "the store is encrypted and has no extended file table", {
      fileId: FileId.EXTENDED_FILE_TABLE,
    });
  }
  if (record.byteLength === BLOCK_SIZE) return record;
  throw new VmgsError(
    "VMGS_EXTENDED_FILE_TABLE",
    `the extended file table has ${record.byteLength} bytes, not ${BLOCK_SIZE}`,
    { fileId: FileId.EXTENDED_FILE_TABLE, bytes: record.byteLength, limit: BLOCK_SIZE },
  );
}

/** The decrypted extended file table, or null when its tag does not match the key. */
export function* unsealExtendedFileTable(record: FileRecord, metadataKey: Secret): Steps<Uint8Array | null> {
  const sealed = yield* readSealed(record.block * BLOCK_SIZE, record.byteLength, record.tag);
  return yield* unseal(metadataKey, record.nonce, sealed);
}

function whyUnreadable(state: StoreState, keySlot: HeaderSlot): string {
  const stale = usedKeySlots(state.header).length > 1;
  return stale
    ? `key slot ${keySlot} is stale, or the extended file table is damaged: the metadata key in it does not decrypt the table`
    : "the extended file table is damaged: it does not match its authentication tag";
}

function concat(ciphertext: Uint8Array, tag: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(ciphertext.length + TAG_SIZE);
  sealed.set(ciphertext);
  sealed.set(tag, ciphertext.length);
  return sealed;
}
