/** RSA keys as a TPM state needs them. */

import { VmgsError } from "../../errors/index.ts";
import { toHex } from "../../layout/index.ts";

/** An RSA 2048 key with the exponent 65537. Holds a secret: do not print, log or serialise it. */
export interface RsaKeyMaterial {
  /** 256 bytes, big-endian. */
  readonly modulus: Uint8Array;
  /** Either of the two primes: 128 bytes, big-endian. */
  readonly prime: Uint8Array;
}

/** Bytes of the modulus. */
export const RSA_2048_BYTES = 256;

const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 8 * RSA_2048_BYTES,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: "SHA-256",
};

/** Makes a new key with WebCrypto. */
export async function generateRsaKey(): Promise<RsaKeyMaterial> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { n = "", p = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  return { modulus: fromBase64Url(n), prime: fromBase64Url(p) };
}

function fromBase64Url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * Checks that the parts belong together and have the sizes of an RSA 2048 key.
 *
 * @throws VmgsError VMGS_TPM_INPUT
 */
export function checkRsaKey(role: string, { modulus, prime }: RsaKeyMaterial): void {
  const sizes = modulus.length === RSA_2048_BYTES && prime.length === RSA_2048_BYTES / 2;
  const topBits = ((modulus[0] ?? 0) & (prime[0] ?? 0) & 0x80) !== 0;
  if (sizes && topBits && bigInt(modulus) % bigInt(prime) === 0n) return;
  throw new VmgsError("VMGS_TPM_INPUT", `the ${role} is not the modulus and a prime of an RSA 2048 key`);
}

const bigInt = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
