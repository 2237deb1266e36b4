/**
 * vmgskit: provision, read, change and understand VMGS files, the guest state of Hyper-V and OpenHCL virtual machines.
 *
 * This door needs no particular runtime. Files are opened by `vmgskit/node`; the declared structures, with hexdump
 * and validation, are at `vmgskit/format`.
 *
 * @packageDocumentation
 */
export {
  blobImage,
  type Container,
  type ContainerOptions,
  checkRead,
  checkWrite,
  createMemoryDisk,
  type Disk,
  type DiskInfo,
  detectContainer,
  type ImageFile,
  type MemoryDisk,
  memoryImage,
  openBlob,
  openMemoryDisk,
  type SyncDisk,
  type WritableDisk,
} from "./disk/index.ts";
export * from "./errors/index.ts";
export {
  BLOCK_SIZE,
  DEFAULT_STORE_BYTES,
  decodeMarker,
  describeFileId,
  EncryptionAlgorithm,
  encodeMarker,
  FileId,
  type FileIdName,
  type FileRole,
  fileAttributes,
  fileIdName,
  fileRole,
  fileRoles,
  type Header,
  type HeaderProblem,
  type HeaderReading,
  type HeaderSlot,
  isStoreTable,
  MAX_MARKER_SIZE,
  type MarkerReading,
  type MarkerVersionKey,
  markerVersionKeys,
  type ProvisioningMarker,
  type ProvisioningReason,
  parseFileId,
  provisioners,
  provisioningReasons,
  type SectorSize,
  type VhdFooter,
} from "./format/index.ts";
export * from "./inspect/index.ts";
export * from "./provisioning/index.ts";
export { datastoreKey, type ParsedKey, parseKeyFile, Secret } from "./secret/index.ts";
export {
  type Answer,
  type ByteSource,
  type Cipher,
  type PeekRequest,
  type ReadRequest,
  type Request,
  type Sealed,
  type SealRequest,
  type Steps,
  type SyncCipher,
  type UnsealRequest,
  webCipher,
} from "./steps/index.ts";
export * from "./store/index.ts";
export {
  defaultVtpmParameters,
  ownerAkCertAttributes,
  platformAkCertAttributes,
  TPM_NVRAM_SIZE,
  TPMA_NV,
  type VtpmParameters,
} from "./tpm/index.ts";
