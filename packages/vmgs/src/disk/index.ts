/** Where blocks live: in memory, in a browser Blob; files are opened by `vmgskit/node`. */
export { openBlob } from "./blob.ts";
export {
  type Container,
  type ContainerOptions,
  checkContainerOptions,
  containerOptionChecks,
  detectContainer,
} from "./container.ts";
export {
  checkDisk,
  checkRead,
  checkReadInto,
  checkSyncDisk,
  checkWritableDisk,
  checkWrite,
  checkWriteOf,
  type Disk,
  type DiskInfo,
  type SyncDisk,
  type WritableDisk,
} from "./disk.ts";
export { blobImage, checkImageFile, checkImageRead, type ImageFile, memoryImage } from "./image-file.ts";
export { createMemoryDisk, type MemoryDisk, openMemoryDisk } from "./memory.ts";
