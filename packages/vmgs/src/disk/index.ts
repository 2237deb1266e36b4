/** Container and sectors over a source; disks in files are opened by `vmgskit/node`. */
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
export { createMemoryDisk, type MemoryDisk, openMemoryDisk } from "./memory.ts";
export { diskIn, diskInSync, diskOver, openDisk, openDiskSync, watchedDisk } from "./open-disk.ts";
