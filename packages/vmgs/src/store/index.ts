/** The store: opening, reading, planning and executing transactions, encryption. Knows no command line and no file system. */
export { type Allocator, allocator, freeRuns, overlaps } from "./allocator.ts";
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
export { storeWarnings, zeroMetadataKeySteps } from "./checks.ts";
export { writeCommit, writeContent } from "./execute.ts";
export { isWrittenEncrypted, listFiles, type StoreFile } from "./files.ts";
export { type FormatOptions, formatStore } from "./format-store.ts";
export type { PlacedFile } from "./layout-plan.ts";
export { type ByteRange, slackOf, type UnusedRange, unusedRanges } from "./leftovers.ts";
export { type DiskSize, geometryOf, openSteps } from "./open-steps.ts";
export type { Random } from "./random.ts";
export { examineFileTable, type FileTableReading } from "./read-file-table.ts";
export { chooseActive, type HeaderPair, readHeaders } from "./read-headers.ts";
export {
  type MarkerLocation,
  type ReadOptions,
  readFileSteps,
  readMarkerSteps,
  readRawSteps,
} from "./read-steps.ts";
export { type ResumeOptions, resumeStore, saveStore } from "./saved-state.ts";
export { blockMap, type OwnedRun, type StoreSpace, storeSpace } from "./space.ts";
export {
  type BlockRun,
  type ContentForm,
  contentForm,
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
export { parseExtendedFileTable, plainRecord } from "./tables.ts";
export { commitWrite, type DiskWrite, type Transaction, transactionSteps } from "./transaction.ts";
export { unlockSteps, unsealExtendedFileTable } from "./unlock-steps.ts";
export { type WipePlan, wipePlanSteps, wipeUnused } from "./wipe.ts";
export {
  type CommitOptions,
  checkSectorSize,
  type InitialState,
  type MoveOptions,
  openWritableStore,
  type WritableStore,
  type WriteOptions,
  writableStore,
} from "./writable-store.ts";
