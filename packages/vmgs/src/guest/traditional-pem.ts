/** OpenSSL's traditional encryption of PEM: AES-CBC, and a key of MD5 over passphrase and salt. */

import { copyBytes, fromHex } from "../layout/index.ts";
import type { Secret } from "../secret/index.ts";

/** What the header DEK-Info says, and what opens it. */
export interface TraditionalEncryption {
  /** `AES-256-CBC`. */
  readonly cipher: string;
  /** Hex. */
  readonly iv: string;
  readonly passphrase: Secret;
}

const AES_CBC = /^AES-(128|192|256)-CBC$/;
const SALT_BYTES = 8;

/** The DER inside; null when the passphrase does not open it. */
export async function decryptTraditionalPem(
  encrypted: Uint8Array,
  { cipher, iv: ivHex, passphrase }: TraditionalEncryption,
): Promise<Uint8Array | "unknownCipher" | null> {
  const [, bits] = AES_CBC.exec(cipher) ?? [];
  if (bits === undefined) return "unknownCipher";
  const iv = fromHex(ivHex);
  if (iv?.length !== 16) return null;
  const bytes = await passphraseKey(passphrase, iv.subarray(0, SALT_BYTES), Number(bits) / 8);
  try {
    const key = await crypto.subtle.importKey("raw", copyBytes(bytes), "AES-CBC", false, ["decrypt"]);
    const opened = await crypto.subtle.decrypt(
      { name: "AES-CBC", iv: copyBytes(iv) },
      key,
      copyBytes(encrypted),
    );
    return new Uint8Array(opened);
  } catch {
    return null;
  } finally {
    bytes.fill(0);
  }
}

/** MD5 of the last digest, the passphrase and the salt, until there are enough bytes. */
async function passphraseKey(passphrase: Secret, salt: Uint8Array, size: number): Promise<Uint8Array> {
  const [{ md5 }, { concatBytes }] = await Promise.all([
    import("@noble/hashes/legacy.js"),
    import("@noble/hashes/utils.js"),
  ]);
  const digests: Uint8Array[] = [];
  for (let bytes = 0; bytes < size; bytes += 16) {
    digests.push(md5(concatBytes(...digests.slice(-1), passphrase.expose(), salt)));
  }
  return concatBytes(...digests).slice(0, size);
}
