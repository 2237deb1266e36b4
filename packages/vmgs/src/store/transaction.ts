/** Turns a plan into the bytes to write, in order, and the state that holds afterwards (spec: changing). */

import { checkCallback, checkList } from "../arguments/index.ts";
import {
  BLOCK_SIZE,
  EncryptionAlgorithm,
  emptyKeySlot,
  encodeHeader,
  FileId,
  fileAttributes,
  HEADER_SIZE,
  type Header,
  type HeaderReading,
  type HeaderSlot,
  headerOffset,
  isSealed,
  type MetadataKeySlot,
  nextSequence,
  otherSlot,
  readHeader,
  type SectorSize,
} from "../format/index.ts";
import type { Secret } from "../secret/index.ts";
import { read, type Steps, seal } from "../steps/index.ts";
import { type Change, checkChange } from "./change.ts";
import { type Draft, type DraftFile, draftChanges, type NewFile } from "./draft.ts";
import { type LayoutPlan, type PlacedFile, planLayout } from "./layout-plan.ts";
import { newKey, newNonce, nextNonce, type Random, webRandom } from "./random.ts";
import {
  type BlockRun,
  checkState,
  type FileKey,
  type FileRecord,
  type PlainRecord,
  type StoreState,
  type Unlocked,
} from "./state.ts";
import { encodeExtendedFileTable, encodeFileTable, plainRecord } from "./tables.ts";

/** Whole blocks of content, or the sector of a header. */
export interface DiskWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A whole transaction, ready to be executed. */
export interface Transaction {
  /** New content and tables: only blocks that are free in the old state. To be flushed before the commit. */
  readonly content: readonly DiskWrite[];
  /** The new header. Once it is on the disk the transaction has happened. Null when nothing changes: nothing is written. */
  readonly commit: DiskWrite | null;
  /** Blocks that only the old state owned; the next transaction may use them. */
  readonly freed: readonly BlockRun[];
  /** Files that are written, with their places, in ascending ID. */
  readonly placed: readonly PlacedFile[];
  /** The state after the commit. */
  readonly next: StoreState;
}

const SEALED_ATTRIBUTES = fileAttributes.of("encrypted", "authenticated");

/**
 * Plans a transaction: old state and changes in, writes and new state out.
 *
 * @throws VmgsError as `draftChanges` and `planLayout`
 */
export function* transactionSteps(
  state: StoreState,
  changes: readonly Change[],
  random: Random = webRandom,
): Steps<Transaction> {
  checkState(state, "state");
  checkList(changes, "changes", checkChange);
  checkCallback(random, "random");
  const draft = draftChanges(state, changes);
  if (changes.every(changesNothing)) return { content: [], commit: null, freed: [], placed: [], next: state };
  const plan = planLayout(state, draft);
  const { content, files, fileKeys } = yield* sealFiles(plan, random);
  const keys = yield* sealTables(state, plan, { content, files, fileKeys }, random);
  const table = plan.placed.get(FileId.FILE_TABLE);
  const header: Omit<Header, "checksum"> = {
    signature: state.header.signature,
    version: state.header.version,
    headerSize: state.header.headerSize,
    fileTableSize: state.header.fileTableSize,
    sequence: nextSequence(state.header.sequence),
    fileTableOffset: table?.block ?? state.header.fileTableOffset,
    encryptionAlgorithm: plan.draft.encrypted ? EncryptionAlgorithm.aes256Gcm : EncryptionAlgorithm.none,
    markers: plan.draft.markers,
    metadataKeys: keys.slots,
    reserved: 0,
  };
  const { commit, reading } = commitWrite(header, otherSlot(state.activeSlot), state.geometry.sectorSize);
  const next = stateAfter(state, reading, {
    files: new Map([...files].sort(([a], [b]) => a - b)),
    unlocked: unlockedAfter(plan.draft, keys.metadataKey, fileKeys),
  });
  return { content, commit, freed: freedRuns(state, files), placed: [...plan.placed.values()], next };
}

/** The state once a header that commits is on the disk. */
export function stateAfter(
  { geometry, headers }: StoreState,
  reading: HeaderReading,
  content: Pick<StoreState, "files" | "unlocked">,
): StoreState {
  const { slot, header } = reading;
  return {
    geometry,
    headers: slot === 0 ? [reading, headers[1]] : [headers[0], reading],
    activeSlot: slot,
    header,
    generation: "current",
    ...content,
  };
}

/** A file that is moved onto itself stays as it is. */
const changesNothing = (change: Change) => change.kind === "move" && change.fileId === change.to;

interface FilesAfter {
  readonly content: DiskWrite[];
  readonly files: Map<number, FileRecord>;
  readonly fileKeys: Map<number, FileKey>;
}

/** Encrypts what must be encrypted, and lists all users' files as they are afterwards. */
function* sealFiles({ draft, placed }: LayoutPlan, random: Random): Steps<FilesAfter> {
  const after: FilesAfter = { content: [], files: new Map(), fileKeys: new Map() };
  for (const [fileId, file] of [...draft.files].sort(([a], [b]) => a - b)) {
    const place = placed.get(fileId);
    if (file.kind !== "new") {
      const record = keptRecord(file, fileId);
      if (file.fileKey !== undefined && file.encrypted) after.fileKeys.set(fileId, file.fileKey);
      if (place === undefined) {
        after.files.set(fileId, record);
        continue;
      }
      const stored = yield* read(record.block * BLOCK_SIZE, record.byteLength);
      after.files.set(fileId, { ...record, block: place.block, blocks: place.blocks });
      after.content.push(...blockWrites(place.block, [stored]));
      continue;
    }
    if (place === undefined) continue;
    let stored: readonly Uint8Array[] = [file.content];
    let record = plainRecord(placeOf(place));
    if (file.encrypt) {
      const key = newKey(random);
      const nonce = newNonce(random);
      const sealed = yield* seal(key, nonce, file.content);
      stored = sealed.ciphertext;
      record = sealedRecord(place, nonce, sealed.tag);
      after.fileKeys.set(fileId, { attributes: SEALED_ATTRIBUTES, key });
    }
    after.files.set(fileId, record);
    after.content.push(...blockWrites(place.block, stored));
  }
  return after;
}

/** While the keys are known, the file table's copy of the attributes is brought in line with how the file is stored. */
function keptRecord({ record, fileKey, encrypted }: Exclude<DraftFile, NewFile>, fileId: number): FileRecord {
  if (fileKey === undefined) return { ...record, fileId };
  const sealed = isSealed(fileKey.attributes) ? fileKey.attributes : record.attributes;
  return { ...record, fileId, attributes: encrypted ? sealed : 0 };
}

function sealedRecord(place: PlacedFile, nonce: Uint8Array, tag: Uint8Array): FileRecord {
  const { fileId, block, blocks, byteLength } = place;
  return { ...plainRecord({ fileId, block, blocks, byteLength }), nonce, tag, attributes: SEALED_ATTRIBUTES };
}

function placeOf({ fileId, block, blocks, byteLength }: PlacedFile): PlainRecord {
  return { fileId, block, blocks, byteLength };
}

interface TablesAfter {
  readonly slots: readonly MetadataKeySlot[];
  readonly metadataKey: Secret | null;
}

/** Writes the tables that are due, and wraps the metadata key. Adds entries 0 and 63 to `files`. */
function* sealTables(
  state: StoreState,
  { draft, placed }: LayoutPlan,
  { content, files, fileKeys }: FilesAfter,
  random: Random,
): Steps<TablesAfter> {
  let metadataKey = draft.activeKeySlot === null ? null : (state.unlocked?.metadataKey ?? null);
  let refreshed = draft.addedKeys;
  const extendedPlace = placed.get(FileId.EXTENDED_FILE_TABLE);
  if (extendedPlace === undefined) {
    keepRecord(files, state, FileId.EXTENDED_FILE_TABLE);
  } else {
    const table = encodeExtendedFileTable(fileKeys);
    let stored: readonly Uint8Array[] = [table];
    let record = plainRecord(placeOf(extendedPlace));
    if (extendedPlace.encrypted) {
      metadataKey = newKey(random);
      const nonce = newNonce(random);
      const sealed = yield* seal(metadataKey, nonce, table);
      table.fill(0);
      stored = sealed.ciphertext;
      record = sealedRecord(extendedPlace, nonce, sealed.tag);
      refreshed = new Set(draft.knownKeys.keys());
    }
    files.set(record.fileId, record);
    content.push(...blockWrites(record.block, stored));
  }
  const slots = yield* wrapMetadataKey(state, draft, metadataKey, refreshed, random);
  const tablePlace = placed.get(FileId.FILE_TABLE);
  if (tablePlace === undefined) {
    keepRecord(files, state, FileId.FILE_TABLE);
    return { slots, metadataKey };
  }
  files.set(tablePlace.fileId, plainRecord(placeOf(tablePlace)));
  const encoded = encodeFileTable(files);
  content.push(...blockWrites(tablePlace.block, [encoded]));
  return { slots, metadataKey };
}

function keepRecord(files: Map<number, FileRecord>, state: StoreState, fileId: number): void {
  const record = state.files.get(fileId);
  if (record !== undefined) files.set(fileId, record);
}

/** Key slots afterwards: refreshed ones wrap the metadata key anew, others stay, removed ones are emptied. */
function* wrapMetadataKey(
  state: StoreState,
  draft: Draft,
  metadataKey: Secret | null,
  refreshed: ReadonlySet<HeaderSlot>,
  random: Random,
): Steps<MetadataKeySlot[]> {
  const slots: MetadataKeySlot[] = [];
  for (const slot of [0, 1] as const) {
    const old = state.header.metadataKeys[slot] as MetadataKeySlot;
    const key = draft.knownKeys.get(slot);
    if (!draft.keySlots.has(slot)) {
      slots.push(emptyKeySlot);
    } else if (key !== undefined && metadataKey !== null && refreshed.has(slot)) {
      const nonce = draft.addedKeys.has(slot) ? newNonce(random) : nextNonce(old.nonce, random);
      const sealed = yield* seal(key, nonce, metadataKey.expose());
      slots.push({
        nonce,
        reserved: 0,
        authenticationTag: sealed.tag,
        encryptedMetadataKey: joined(sealed.ciphertext),
      });
    } else {
      slots.push({ ...old, reserved: 0 });
    }
  }
  return slots;
}

/** The sector that holds a header, and how that header reads. */
export function commitWrite(
  value: Omit<Header, "checksum">,
  slot: HeaderSlot,
  sectorSize: SectorSize,
): { commit: DiskWrite; reading: HeaderReading } {
  const sector = new Uint8Array(sectorSize);
  sector.set(encodeHeader(value));
  const reading = readHeader(sector.slice(0, HEADER_SIZE), slot);
  return { commit: { offset: headerOffset(slot, sectorSize), bytes: sector }, reading };
}

/** Writes of whole blocks: the parts as they are, and the last block filled up with zeros, so that no old content stays. */
function blockWrites(block: number, parts: readonly Uint8Array[]): DiskWrite[] {
  const writes: DiskWrite[] = [];
  let at = block * BLOCK_SIZE;
  for (const bytes of parts) {
    const whole = bytes.length - (bytes.length % BLOCK_SIZE);
    if (whole > 0) writes.push({ offset: at, bytes: bytes.subarray(0, whole) });
    if (whole < bytes.length) writes.push({ offset: at + whole, bytes: filledBlock(bytes.subarray(whole)) });
    at += bytes.length;
  }
  // A file without content owns a block all the same.
  return writes.length > 0 ? writes : [{ offset: at, bytes: filledBlock() }];
}

function filledBlock(bytes?: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_SIZE);
  if (bytes !== undefined) block.set(bytes);
  return block;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Runs that only the old state owned. */
export function freedRuns(state: StoreState, files: ReadonlyMap<number, FileRecord>): BlockRun[] {
  const kept = new Set([...files.values()].map(({ block }) => block));
  return [...state.files.values()]
    .filter(({ block }) => !kept.has(block))
    .map(({ block, blocks }) => ({ block, blocks }));
}

function unlockedAfter(
  draft: Draft,
  metadataKey: Secret | null,
  fileKeys: ReadonlyMap<number, FileKey>,
): Unlocked | null {
  const keySlot = draft.activeKeySlot;
  const datastoreKey = keySlot === null ? undefined : draft.knownKeys.get(keySlot);
  if (keySlot === null || datastoreKey === undefined || metadataKey === null) return null;
  return { keySlot, datastoreKey, metadataKey, fileKeys };
}
