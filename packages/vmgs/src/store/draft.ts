/** What a store will be after a list of changes: before space is allocated and content is encrypted. Pure. */

import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  checkUserFileId,
  describeFileId,
  FileId,
  type HeaderSlot,
  headerMarkers,
  isSealed,
  isStoreTable,
} from "../format/index.ts";
import { datastoreKey, type Secret } from "../secret/index.ts";
import { overlaps } from "./allocator.ts";
import type {
  AddKeyChange,
  Change,
  DeleteChange,
  MarkReprovisionedChange,
  MoveChange,
  RelocateChange,
  RemoveKeyChange,
  WriteChange,
} from "./change.ts";
import {
  type BlockRun,
  contentForm,
  type FileKey,
  type FileRecord,
  isEncrypted,
  isLocked,
  type StoreState,
  usedKeySlots,
} from "./state.ts";

/** A file that stays as it is. */
export interface KeptFile {
  readonly kind: "kept";
  readonly record: FileRecord;
  /** Its entry in the extended file table, when that is known. */
  readonly fileKey: FileKey | undefined;
  /** Whether its content is stored encrypted. */
  readonly encrypted: boolean;
}

/** A file whose stored bytes are written to another place. */
export interface RelocatedFile extends Omit<KeptFile, "kind"> {
  readonly kind: "relocated";
}

/** A file that gets new content. */
export interface NewFile {
  readonly kind: "new";
  readonly content: Uint8Array;
  readonly encrypt: boolean;
}

export type DraftFile = KeptFile | RelocatedFile | NewFile;

export interface Draft {
  /** Users' files by ID. */
  readonly files: Map<number, DraftFile>;
  /** Files of the old state that a move replaces: see `allocator`. */
  readonly released: FileRecord[];
  /** Blocks that are not granted though no file owns them. */
  readonly avoided: BlockRun[];
  /** Header markers. */
  markers: number;
  /** Whether the store is encrypted afterwards. */
  encrypted: boolean;
  /** Key slots in use afterwards. */
  readonly keySlots: Set<HeaderSlot>;
  /** Slots whose datastore key is known, so that they can be refreshed. */
  readonly knownKeys: Map<HeaderSlot, Secret>;
  /** Slots that get a key for the first time. */
  readonly addedKeys: Set<HeaderSlot>;
  /** The slot that counts as active afterwards; null when no key is known. */
  activeKeySlot: HeaderSlot | null;
  /** Whether the file table, and with it the extended file table, is written anew. */
  rewriteTables: boolean;
  /** Whether the extended file table of a plain store is written anew too. */
  renewExtendedTable: boolean;
}

/**
 * Applies changes, in order, to what a store holds.
 *
 * @throws VmgsError VMGS_OVERLAPPING_FILES, VMGS_INCONSISTENT_FILE_TABLE for a store that must not be written, and
 * the errors of each change.
 */
export function draftChanges(state: StoreState, changes: readonly Change[]): Draft {
  checkWritable(state);
  if (changes.length === 0) throw new VmgsError("VMGS_NOTHING_TO_CHANGE", "the transaction has no change");
  const draft = draftOf(state);
  for (const change of changes) applyChange(draft, state, change);
  return draft;
}

/**
 * Refuses stores whose change could destroy something.
 *
 * @throws VmgsError VMGS_READ_ONLY_STORE, VMGS_OVERLAPPING_FILES, VMGS_INCONSISTENT_FILE_TABLE
 */
export function checkWritable(state: StoreState): void {
  if (state.generation === "previous") {
    throw new VmgsError("VMGS_READ_ONLY_STORE", "the previous generation can only be read");
  }
  checkTables(state);
}

/**
 * Refuses a state whose files share blocks, or whose file table does not list itself.
 *
 * @throws VmgsError VMGS_OVERLAPPING_FILES, VMGS_INCONSISTENT_FILE_TABLE
 */
export function checkTables(state: StoreState): void {
  const [shared] = overlaps(state.files.values());
  if (shared !== undefined) {
    const [a, b] = shared;
    throw new VmgsError(
      "VMGS_OVERLAPPING_FILES",
      `${describeFileId(a.fileId)} and ${describeFileId(b.fileId)} share block ${b.block}`,
      { fileId: b.fileId, block: b.block, offset: b.block * BLOCK_SIZE },
    );
  }
  const self = state.files.get(FileId.FILE_TABLE);
  if (self?.block !== state.header.fileTableOffset) {
    const found = self === undefined ? "has no entry for itself" : `says that it lies at block ${self.block}`;
    throw new VmgsError(
      "VMGS_INCONSISTENT_FILE_TABLE",
      `the file table at block ${state.header.fileTableOffset} ${found}`,
      { block: state.header.fileTableOffset },
    );
  }
}

function draftOf(state: StoreState): Draft {
  const files = new Map<number, DraftFile>();
  for (const record of state.files.values()) {
    if (isStoreTable(record.fileId)) continue;
    files.set(record.fileId, {
      kind: "kept",
      record,
      fileKey: state.unlocked?.fileKeys.get(record.fileId),
      // Where the two tables disagree, a file counts as encrypted: its mark and its key are kept.
      encrypted: contentForm(state, record).kind !== "plain" || isSealed(record.attributes),
    });
  }
  const { unlocked } = state;
  return {
    files,
    released: [],
    avoided: [],
    markers: state.header.markers & headerMarkers.mask.reprovisioned,
    encrypted: isEncrypted(state),
    keySlots: new Set(usedKeySlots(state.header)),
    knownKeys: new Map(unlocked === null ? [] : [[unlocked.keySlot, unlocked.datastoreKey]]),
    addedKeys: new Set(),
    activeKeySlot: unlocked?.keySlot ?? null,
    // A store with the zero metadata key flaw is never written as it was: see docs/decisions/0005-zero-metadata-key.md.
    rewriteTables: unlocked?.metadataKey.isZero() ?? false,
    renewExtendedTable: false,
  };
}

function applyChange(draft: Draft, state: StoreState, change: Change): void {
  switch (change.kind) {
    case "write":
      applyWrite(draft, state, change);
      break;
    case "delete":
      applyDelete(draft, change);
      break;
    case "move":
      applyMove(draft, state, change);
      break;
    case "relocate":
      applyRelocate(draft, change);
      break;
    case "addKey":
      applyAddKey(draft, state, change);
      break;
    case "removeKey":
      applyRemoveKey(draft, state, change);
      break;
    case "removeEncryption":
      applyRemoveEncryption(draft, state);
      break;
    case "markReprovisioned":
      applyMark(draft, change);
      break;
    case "renewTables":
      draft.rewriteTables = true;
      draft.renewExtendedTable = true;
      draft.avoided.push(...(change.avoid ?? []));
      break;
  }
}

function applyDelete(draft: Draft, { fileId }: DeleteChange): void {
  draftFile(draft, fileId);
  draft.files.delete(fileId);
  draft.rewriteTables = true;
}

function applyMark(draft: Draft, { value }: MarkReprovisionedChange): void {
  const bit = headerMarkers.mask.reprovisioned;
  draft.markers = value ? draft.markers | bit : draft.markers & ~bit;
}

function draftFile(draft: Draft, fileId: number): DraftFile {
  checkUserFileId(fileId);
  const file = draft.files.get(fileId);
  if (file !== undefined) return file;
  throw new VmgsError("VMGS_FILE_NOT_ALLOCATED", `the store has no ${describeFileId(fileId)}`, { fileId });
}

function holdsSecret(file: DraftFile): boolean {
  return file.kind === "new" ? file.encrypt : file.encrypted;
}

function applyWrite(draft: Draft, state: StoreState, change: WriteChange): void {
  const { fileId, content, encrypt = false, overwriteEncrypted = false } = change;
  checkUserFileId(fileId);
  if (encrypt && draft.encrypted && draft.activeKeySlot === null)
    throw needsUnlock(state, "write an encrypted file");
  const existing = draft.files.get(fileId);
  const sealed = encrypt && draft.encrypted;
  if (existing !== undefined && holdsSecret(existing) && !sealed && !overwriteEncrypted) {
    throw new VmgsError(
      "VMGS_OVERWRITE_ENCRYPTED",
      `${describeFileId(fileId)} is encrypted; a plain write would replace it`,
      { fileId },
    );
  }
  draft.files.set(fileId, { kind: "new", content, encrypt: sealed });
  draft.rewriteTables = true;
}

function applyMove(draft: Draft, state: StoreState, { fileId, to, overwrite = false }: MoveChange): void {
  checkUserFileId(fileId);
  checkUserFileId(to);
  if (draft.files.has(to) && !overwrite) {
    throw new VmgsError("VMGS_FILE_ALLOCATED", `${describeFileId(to)} exists`, { fileId: to });
  }
  const file = draftFile(draft, fileId);
  if (draft.encrypted && draft.activeKeySlot === null) throw needsUnlock(state, "move a file");
  if (fileId === to) return;
  const replaced = draft.files.get(to);
  if (replaced !== undefined && replaced.kind !== "new") draft.released.push(replaced.record);
  draft.files.set(to, file);
  draft.files.delete(fileId);
  draft.rewriteTables = true;
}

function applyRelocate(draft: Draft, { fileId }: RelocateChange): void {
  const file = draftFile(draft, fileId);
  if (file.kind === "new") return;
  draft.files.set(fileId, { ...file, kind: "relocated" });
  draft.rewriteTables = true;
}

function applyAddKey(draft: Draft, state: StoreState, change: AddKeyChange): void {
  const key = datastoreKey(change.key);
  if (draft.encrypted && draft.activeKeySlot === null) throw needsUnlock(state, "add a key");
  if (draft.keySlots.size === 2) throw new VmgsError("VMGS_KEYS_FULL", "both key slots are in use");
  const slot: HeaderSlot = draft.keySlots.has(0) ? 1 : 0;
  if (!draft.encrypted) draft.rewriteTables = true;
  draft.encrypted = true;
  draft.keySlots.add(slot);
  draft.addedKeys.add(slot);
  draft.knownKeys.set(slot, key);
  draft.activeKeySlot = slot;
}

function applyRemoveKey(draft: Draft, state: StoreState, { keySlot }: RemoveKeyChange): void {
  if (!draft.encrypted) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
  if (draft.activeKeySlot === null) throw needsUnlock(state, "remove a key");
  if (!draft.keySlots.has(keySlot)) {
    throw new VmgsError("VMGS_KEY_SLOT_EMPTY", `key slot ${keySlot} is empty`, { slot: keySlot });
  }
  if (draft.keySlots.size === 1) {
    applyRemoveEncryption(draft, state);
    return;
  }
  if (keySlot === draft.activeKeySlot) {
    throw new VmgsError(
      "VMGS_KEY_IN_USE",
      `key slot ${keySlot} opened the store; the other slot may be stale, so this one stays`,
      { slot: keySlot },
    );
  }
  draft.keySlots.delete(keySlot);
  draft.knownKeys.delete(keySlot);
  draft.addedKeys.delete(keySlot);
}

function applyRemoveEncryption(draft: Draft, state: StoreState): void {
  if (!draft.encrypted) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
  if (draft.activeKeySlot === null) throw needsUnlock(state, "remove encryption");
  for (const [fileId, file] of draft.files) {
    if (!holdsSecret(file)) continue;
    throw new VmgsError("VMGS_LAST_KEY", `${describeFileId(fileId)} is encrypted and needs the key`, {
      fileId,
    });
  }
  draft.encrypted = false;
  draft.activeKeySlot = null;
  draft.keySlots.clear();
  draft.knownKeys.clear();
  draft.addedKeys.clear();
  draft.rewriteTables = true;
}

function needsUnlock(state: StoreState, what: string): VmgsError {
  const why = isLocked(state) ? "is locked" : "has no known key";
  return new VmgsError("VMGS_NEEDS_UNLOCK", `the store ${why}; to ${what} it must be unlocked`);
}
