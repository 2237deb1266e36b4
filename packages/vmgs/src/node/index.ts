/**
 * What needs Node: disks in files, and a cipher that needs less memory.
 *
 * @packageDocumentation
 */
export { applyRepair } from "./apply-repair.ts";
export { nodeCipher } from "./cipher.ts";
export { type WriteConversionOptions, writeConversion } from "./convert-file.ts";
export { type CreateDiskOptions, createDiskFile } from "./create-disk-file.ts";
export {
  type DiskFile,
  type DiskFileOptions,
  openDiskFile,
  openDiskFileSync,
  type SyncDiskFile,
  type WritableDiskFile,
} from "./disk-file.ts";
export { type OpenImageFile, openImageFile } from "./image-file.ts";
export { lockPathOf, takeWriteLock, type WriteLock } from "./lock.ts";
export { openFileForRecovery, type RecoveryDiskFile } from "./recovery-disk-file.ts";
