/** What is known of a store after reading its headers and file table. Immutable; every change makes a new one. */

import { type Check, checkObject, having, oneOf } from "../arguments/index.ts";
import {
  EncryptionAlgorithm,
  FileId,
  type Header,
  type HeaderReading,
  type HeaderSlot,
  headerMarkers,
  isAllZero,
  isEmptyKeySlot,
  isSealed,
  type SectorSize,
} from "../format/index.ts";
import type { Secret } from "../secret/index.ts";

/** Size and sectors of the disk under a store. */
export interface StoreGeometry {
  readonly sectorSize: SectorSize;
  /** Bytes of the disk. */
  readonly byteLength: number;
  /** Whole blocks of the disk. */
  readonly blockCapacity: number;
}

/** Where a file lies. */
export interface PlainRecord {
  readonly fileId: number;
  /** First block. */
  readonly block: number;
  /** Blocks owned. */
  readonly blocks: number;
  /** Bytes of content (valid_data_size). */
  readonly byteLength: number;
}

/** An allocated file, as its file table entry describes it. */
export interface FileRecord extends PlainRecord {
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** 16 bytes. */
  readonly tag: Uint8Array;
  /** As in the file table; see `fileAttributes`. */
  readonly attributes: number;
  /** 16 bytes, zero in every sound store; written as zero. */
  readonly reserved: Uint8Array;
}

/** What the extended file table records of a file. */
export interface FileKey {
  readonly attributes: number;
  readonly key: Secret;
}

/** What is known once a datastore key has opened the store. Holds secrets. */
export interface Unlocked {
  /** Key slot that the key opened; it is the one that every write refreshes. */
  readonly keySlot: HeaderSlot;
  readonly datastoreKey: Secret;
  readonly metadataKey: Secret;
  /** By file ID, from the extended file table. */
  readonly fileKeys: ReadonlyMap<number, FileKey>;
}

/** Which header is followed: the active one, or the one before it. */
export type Generation = "current" | "previous";

export const checkGeneration: Check = oneOf(["current", "previous"]);

/** Everything that was read of a store: its headers and its file table. Immutable. */
export interface StoreState {
  readonly geometry: StoreGeometry;
  /** Both header copies as read, by slot. */
  readonly headers: readonly [HeaderReading, HeaderReading];
  /** Slot of the header that is followed. */
  readonly activeSlot: HeaderSlot;
  /** The header that is followed. */
  readonly header: Header;
  readonly generation: Generation;
  /** Allocated files by ID, ascending, the store's own (0 and 63) included. */
  readonly files: ReadonlyMap<number, FileRecord>;
  /** Present after unlocking; null while locked and in a store without encryption. */
  readonly unlocked: Unlocked | null;
}

/** A state as `openSteps` makes it. */
export const checkState: Check = having("geometry", "header", "files");

/** A run of blocks. */
export interface BlockRun {
  readonly block: number;
  readonly blocks: number;
}

/** True when the store has an encryption algorithm, whether or not it is unlocked. */
export function isEncrypted(state: StoreState): boolean {
  checkState(state, "state");
  return state.header.encryptionAlgorithm !== EncryptionAlgorithm.none;
}

/** True when the store is encrypted and no key has opened it. */
export function isLocked(state: StoreState): boolean {
  checkState(state, "state");
  return isEncrypted(state) && state.unlocked === null;
}

/**
 * True when a boot of lifetime `reprovision` formatted the store, and none of another lifetime has opened it since
 * (spec: boot flow).
 */
export function isReprovisioned(state: StoreState): boolean {
  checkState(state, "state");
  return headerMarkers.has(state.header.markers, "reprovisioned");
}

/** Key slots that hold a wrapped metadata key. */
export function usedKeySlots(header: Header): HeaderSlot[] {
  checkObject(header, "header", "metadataKeys");
  return ([0, 1] as const).filter((slot) => {
    const keySlot = header.metadataKeys[slot];
    return keySlot !== undefined && !isEmptyKeySlot(keySlot);
  });
}

/** Kind of guest state protection as the reference's tool reports it, judged by the files present (spec: encryption). */
export type Protection = "none" | "gspKey" | "gspById" | "unknown";

/** As the reference's tool reports it, by presence alone; what the files hold is for `nameProtection` of the guest room. */
export function protectionOf(state: StoreState): Protection {
  checkState(state, "state");
  if (!isEncrypted(state)) return "none";
  if (state.files.has(FileId.KEY_PROTECTOR)) return "gspKey";
  return state.files.has(FileId.VM_UNIQUE_ID) ? "gspById" : "unknown";
}

/** How the content of a file must be read. */
export type ContentForm =
  | { readonly kind: "plain" }
  | { readonly kind: "sealed"; readonly key: Secret }
  /** Encrypted, and no key is known: only the stored bytes can be read. */
  | { readonly kind: "locked" };

/**
 * Decides how a file is stored. The extended file table knows best; without it the file table's copy counts. A file
 * that was overwritten in plaintext while the store was locked has no nonce and no tag, whatever the old key says.
 */
export function contentForm(state: StoreState, record: FileRecord): ContentForm {
  checkState(state, "state");
  checkObject(record, "record", "nonce", "tag", "attributes", "reserved");
  return formOf(state, record);
}

/** The same for a record of a state that was checked before. */
export function formOf(state: StoreState, record: FileRecord): ContentForm {
  const inTable = isSealed(record.attributes);
  const fileKey = state.unlocked?.fileKeys.get(record.fileId);
  if (state.unlocked === null) return { kind: inTable ? "locked" : "plain" };
  if (fileKey === undefined || !isSealed(fileKey.attributes)) return { kind: "plain" };
  if (!inTable && isAllZero(record.nonce) && isAllZero(record.tag)) return { kind: "plain" };
  return { kind: "sealed", key: fileKey.key };
}
