/** AES-256-GCM, as the drivers need it. */

import { type Check, checkBytes, having } from "../arguments/index.ts";
import { type Sealed, TAG_SIZE } from "./request.ts";

/** AES-256-GCM that answers at once or later. Keys have 32 bytes, nonces 12, tags 16; no additional data. */
export interface Cipher {
  /** Encrypts; a nonce must never be used twice with a key. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Sealed | Promise<Sealed>;
  /** `sealed` is ciphertext and tag; null when the tag does not match. */
  unseal(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | null | Promise<Uint8Array | null>;
}

/** AES-256-GCM that answers at once, for synchronous drivers. */
export interface SyncCipher extends Cipher {
  /** As in `Cipher`, at once. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Sealed;
  /** As in `Cipher`, at once. */
  unseal(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

/** A cipher that a caller brings. */
export const checkCipher: Check = having("seal", "unseal");

/** Views whose memory is not shared, as WebCrypto's types ask for. */
type Plain = Uint8Array<ArrayBuffer>;

/** What ciphers take: bytes, and never text, which some engines would take for a key. */
export function checkSeal(key: Uint8Array, nonce: Uint8Array, content: Uint8Array, name: string): void {
  checkBytes(key, "key");
  checkBytes(nonce, "nonce");
  checkBytes(content, name);
}

const importKey = (key: Uint8Array, usage: "encrypt" | "decrypt") =>
  crypto.subtle.importKey("raw", key as Plain, "AES-GCM", false, [usage]);

/** AES-256-GCM by WebCrypto: runs everywhere, and is what stores use unless another cipher is given. */
export const webCipher: Cipher = {
  async seal(key, nonce, plaintext) {
    checkSeal(key, nonce, plaintext, "plaintext");
    const cryptoKey = await importKey(key, "encrypt");
    const algorithm = { name: "AES-GCM", iv: nonce as Plain };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, cryptoKey, plaintext as Plain));
    const end = sealed.length - TAG_SIZE;
    return { ciphertext: [sealed.subarray(0, end)], tag: sealed.subarray(end) };
  },
  async unseal(key, nonce, sealed) {
    checkSeal(key, nonce, sealed, "sealed");
    const cryptoKey = await importKey(key, "decrypt");
    const algorithm = { name: "AES-GCM", iv: nonce as Plain };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, cryptoKey, sealed as Plain));
    } catch (error) {
      // The one failure that WebCrypto reports is a tag that does not match.
      if ((error as { name?: unknown }).name === "OperationError") return null;
      throw error;
    }
  },
};
