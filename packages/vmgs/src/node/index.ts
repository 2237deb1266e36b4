/**
 * What needs Node: disks in files, and a cipher that needs less memory.
 *
 * @packageDocumentation
 */
export { applyRepair } from "./apply-repair.ts";
export { nodeCipher } from "./cipher.ts";
export { type WriteConversionOptions, writeConversion } from "./convert-file.ts";
export { copyDiskFile } from "./copy-file.ts";
export { type CreateDiskOptions, createDiskFile } from "./create-disk-file.ts";
export {
  type DiskFile,
  type DiskFileOptions,
  openDiskFile,
  openDiskFileSync,
  type SyncDiskFile,
  type WritableDiskFile,
} from "./disk-file.ts";
export { checkNewPath, type FileErrorWords, fileError } from "./file-errors.ts";
export { type FileSource, openFileSource, openFileSourceSync, type SyncFileSource } from "./file-source.ts";
export { lockPathOf, takeWriteLock, type WriteLock } from "./lock.ts";
export { openFileForRecovery, type RecoveryDiskFile } from "./recovery-disk-file.ts";
export {
  type FileAccess,
  type FillFile,
  type MakeFileOptions,
  makeFile,
  type NewFile,
  type ReplaceFileOptions,
  replaceFile,
} from "./replace-file.ts";
export { leftoversBeside } from "./temporary-files.ts";
