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
export {
  type Fetch,
  type FetchInit,
  type HttpSource,
  type HttpSourceOptions,
  hideUrlSecrets,
  httpSource,
  placeOfUrl,
} from "./http/index.ts";
export { type MemorySource, memorySource } from "./memory.ts";
export { type OverlaySource, overlaySource } from "./overlay.ts";
export { windowSource } from "./window.ts";
