/** RSA keys as a TPM state needs them. What is made of them holds secrets and does not leave this room. */

import { VmgsError } from "../../errors/index.ts";
import { toHex } from "../../layout/index.ts";

/** An RSA 2048 key with the exponent 65537. Holds a secret: do not print, log or serialise it. */
export interface RsaKeyMaterial {
  /** 256 bytes, big-endian. */
  readonly modulus: Uint8Array;
  /** Either of the two primes: 128 bytes, big-endian. */
  readonly prime: Uint8Array;
}

const RSA_2048_BYTES = 256;
const EXPONENT = "AQAB";

const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 8 * RSA_2048_BYTES,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: "SHA-256",
};

/** Makes a new private key with WebCrypto, extractable. */
export async function generateRsaKey(): Promise<CryptoKey> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return privateKey;
}

/**
 * The parts of a private key that the state holds.
 *
 * @throws VmgsError VMGS_TPM_INPUT when it is not an extractable private RSA 2048 key with the exponent 65537
 */
export async function rsaKeyMaterial(role: string, key: CryptoKey): Promise<RsaKeyMaterial> {
  const material = await exported(key);
  if (material !== null && isRsa2048(material)) return material;
  throw new VmgsError(
    "VMGS_TPM_INPUT",
    `the ${role} is not an extractable private RSA 2048 key with the exponent 65537`,
  );
}

async function exported(key: CryptoKey): Promise<RsaKeyMaterial | null> {
  if (key.type !== "private" || !key.extractable) return null;
  const { n, p, e } = await crypto.subtle.exportKey("jwk", key);
  if (n === undefined || p === undefined || e !== EXPONENT) return null;
  return { modulus: fromBase64Url(n), prime: fromBase64Url(p) };
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Whether the parts belong together and have the sizes of an RSA 2048 key. */
export function isRsa2048({ modulus, prime }: RsaKeyMaterial): boolean {
  const sizes = modulus.length === RSA_2048_BYTES && prime.length === RSA_2048_BYTES / 2;
  const topBits = ((modulus[0] ?? 0) & (prime[0] ?? 0) & 0x80) !== 0;
  return sizes && topBits && bigInt(modulus) % bigInt(prime) === 0n;
}

const bigInt = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
