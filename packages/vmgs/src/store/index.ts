/**
 * The store: opening, reading, planning and executing transactions, encryption. Knows no command line and no file
 * system. This door is the public one; what only rooms of this library need is in `rooms.ts`.
 */
export { type StoreBroker, type StoreClient, shareStore } from "./broker.ts";
export type {
  AddKeyChange,
  Change,
  DeleteChange,
  MarkReprovisionedChange,
  MoveChange,
  RelocateChange,
  RemoveEncryptionChange,
  RemoveKeyChange,
  RenewTablesChange,
  WriteChange,
} from "./change.ts";
export { storeWarnings } from "./checks.ts";
export { isWrittenEncrypted, listFiles, type StoreFile } from "./files.ts";
export { type FormatOptions, formatStore } from "./format-store.ts";
export { checkKeySlots, type KeySlotCheck, type KeySlotResult } from "./key-slots.ts";
export type { PlacedFile } from "./layout-plan.ts";
export { chooseActive, type HeaderPair } from "./read-headers.ts";
export type { MarkerLocation, ReadOptions } from "./read-steps.ts";
export { type ResumeOptions, resumeStore, saveStore } from "./saved-state.ts";
export { blockMap, type OwnedRun, type StoreSpace, storeSpace } from "./space.ts";
export {
  type BlockRun,
  type FileKey,
  type FileRecord,
  type Generation,
  isEncrypted,
  isLocked,
  isReprovisioned,
  type PlainRecord,
  type Protection,
  protectionOf,
  type StoreGeometry,
  type StoreState,
  type Unlocked,
  usedKeySlots,
} from "./state.ts";
export { type OpenOptions, openStore, openStoreSync, type Store, type SyncStore } from "./store.ts";
export type { DiskWrite, Transaction } from "./transaction.ts";
export type { WipePlan } from "./wipe.ts";
export {
  type CommitOptions,
  type MoveOptions,
  openWritableStore,
  type UndoOptions,
  type WritableStore,
  type WriteOptions,
} from "./writable-store.ts";
