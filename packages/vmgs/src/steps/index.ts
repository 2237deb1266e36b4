/** Computations without I/O, and the drivers that run them. */
export { type Cipher, type SyncCipher, webCipher } from "./cipher.ts";
export {
  KEY_SIZE,
  NONCE_SIZE,
  peek,
  type Request,
  read,
  readKept,
  readSealed,
  type Sealed,
  type Steps,
  seal,
  TAG_SIZE,
  unseal,
} from "./request.ts";
export { type ByteSource, noBytes, run, runSync, type SyncByteSource } from "./run.ts";
