/** Where the bytes of a file come from: memory, a Blob, parts of other sources. Files are opened by `vmgskit/node`. */
export { blobSource } from "./blob.ts";
export {
  type ByteSource,
  checkByteSource,
  checkSourceRead,
  checkSyncByteSource,
  refuseNotWhole,
  type SyncByteSource,
} from "./byte-source.ts";
export { type CacheOptions, cachedSource } from "./cached.ts";
export { type MemorySource, memorySource } from "./memory.ts";
export { type OverlaySource, overlaySource } from "./overlay.ts";
export { windowSource } from "./window.ts";
