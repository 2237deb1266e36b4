/** Unlocking with a datastore key, without I/O (spec: encryption). */

import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  FileId,
  type HeaderSlot,
  isEmptyKeySlot,
  type MetadataKeySlot,
} from "../format/index.ts";
import { Secret } from "../secret/index.ts";
import { readSealed, type Steps, TAG_SIZE, unseal } from "../steps/index.ts";
import {
  type FileKey,
  type FileRecord,
  isEncrypted,
  type StoreState,
  type Unlocked,
  usedKeySlots,
} from "./state.ts";
import { parseExtendedFileTable } from "./tables.ts";

/**
 * Opens the key slots with a key and reads the extended file table.
 *
 * @throws VmgsError VMGS_NOT_ENCRYPTED, VMGS_WRONG_KEY, VMGS_EXTENDED_FILE_TABLE
 */
export function* unlockSteps(state: StoreState, key: Secret): Steps<StoreState> {
  if (!isEncrypted(state)) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
  const opened = yield* openKeySlots(state, key);
  if (opened === undefined) throw new VmgsError("VMGS_WRONG_KEY", "the key opens neither key slot");
  const fileKeys = yield* readFileKeys(state, opened);
  const unlocked: Unlocked = { ...opened, datastoreKey: key, fileKeys };
  return { ...state, unlocked };
}

type OpenedSlot = Pick<Unlocked, "keySlot" | "metadataKey">;

function* openKeySlots(state: StoreState, key: Secret): Steps<OpenedSlot | undefined> {
  for (const keySlot of [0, 1] as const) {
    const slot = state.header.metadataKeys[keySlot] as MetadataKeySlot;
    if (isEmptyKeySlot(slot)) continue;
    const metadataKey = yield* unseal(
      key,
      slot.nonce,
      concat(slot.encryptedMetadataKey, slot.authenticationTag),
    );
    if (metadataKey !== null) return { keySlot, metadataKey: new Secret(metadataKey) };
  }
  return undefined;
}

function* readFileKeys(
  state: StoreState,
  { keySlot, metadataKey }: OpenedSlot,
): Steps<ReadonlyMap<number, FileKey>> {
  const record = state.files.get(FileId.EXTENDED_FILE_TABLE);
  if (record === undefined) {
    throw new VmgsError("VMGS_EXTENDED_FILE_TABLE", "the store is encrypted and has no extended file table", {
      fileId: FileId.EXTENDED_FILE_TABLE,
    });
  }
  if (record.byteLength !== BLOCK_SIZE) {
    throw new VmgsError(
      "VMGS_EXTENDED_FILE_TABLE",
      `the extended file table has ${record.byteLength} bytes, not ${BLOCK_SIZE}`,
      { fileId: FileId.EXTENDED_FILE_TABLE, bytes: record.byteLength, limit: BLOCK_SIZE },
    );
  }
  const table = yield* unsealExtendedFileTable(record, metadataKey);
  if (table === null)
    throw new VmgsError("VMGS_EXTENDED_FILE_TABLE", whyUnreadable(state, keySlot), factsOf(record));
  const fileKeys = parseExtendedFileTable(table, state.files);
  table.fill(0);
  return fileKeys;
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

const factsOf = ({ fileId, block }: FileRecord) => ({ fileId, block, offset: block * BLOCK_SIZE });

function concat(ciphertext: Uint8Array, tag: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(ciphertext.length + TAG_SIZE);
  sealed.set(ciphertext);
  sealed.set(tag, ciphertext.length);
  return sealed;
}
