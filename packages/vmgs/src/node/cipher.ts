/** AES-256-GCM by Node's own OpenSSL: without a copy of the input, and usable without waiting. */

import type { SyncCipher } from "../index.ts";
import { checkSeal } from "../steps/index.ts";

/** Loaded with the first file that is encrypted: it takes milliseconds, and most commands need none of it. */
const openSsl = () => process.getBuiltinModule("node:crypto");

const ALGORITHM = "aes-256-gcm";
const TAG_SIZE = 16;
/** Bytes that are encrypted at a time: OpenSSL's binding briefly holds the result twice. */
const PART = 2 ** 20;

/**
 * A cipher for Node. Beside WebCrypto it needs a third less memory for large files, because WebCrypto copies its input
 * (docs/performance.md); it blocks while it works.
 */
export const nodeCipher: SyncCipher = {
  seal(key, nonce, plaintext) {
    checkSeal(key, nonce, plaintext, "plaintext");
    const cipher = openSsl().createCipheriv(ALGORITHM, key, nonce);
    const ciphertext: Uint8Array[] = [];
    for (let at = 0; at < plaintext.length; at += PART) {
      ciphertext.push(plain(cipher.update(plaintext.subarray(at, at + PART))));
    }
    cipher.final();
    return { ciphertext, tag: plain(cipher.getAuthTag()) };
  },
  unseal(key, nonce, sealed) {
    checkSeal(key, nonce, sealed, "sealed");
    const end = sealed.length - TAG_SIZE;
    const decipher = openSsl().createDecipheriv(ALGORITHM, key, nonce);
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = plain(decipher.update(sealed.subarray(0, end)));
    try {
      decipher.final();
    } catch {
      // OpenSSL only reports that the tag does not match.
      plaintext.fill(0);
      return null;
    }
    return plaintext;
  },
};

/** The same memory, without what a Buffer adds. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
