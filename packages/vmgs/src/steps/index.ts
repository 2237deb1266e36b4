/** Computations without I/O, and the drivers that run them. */
export { type Cipher, checkCipher, checkSeal, type SyncCipher, webCipher } from "./cipher.ts";
export {
  type Answer,
  KEY_SIZE,
  NONCE_SIZE,
  type PeekRequest,
  peek,
  type ReadRequest,
  type Request,
  read,
  readInto,
  readSealed,
  type Sealed,
  type SealRequest,
  type Steps,
  seal,
  TAG_SIZE,
  type UnsealRequest,
  unseal,
} from "./request.ts";
export {
  type ByteReader,
  checkSourceReadOptions,
  noBytes,
  type Progress,
  type RunOptions,
  run,
  runOptionChecks,
  runSync,
  type SourceReadOptions,
  type SyncByteReader,
} from "./run.ts";
export { kept } from "./slab.ts";
