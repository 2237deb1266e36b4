/**
 * What needs Node: disks in files, and a cipher that needs less memory.
 *
 * @packageDocumentation
 */
export { nodeCipher } from "./cipher.ts";
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
export { lockPathOf } from "./lock.ts";
