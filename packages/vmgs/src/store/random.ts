/** Nonces and keys (spec: encryption). */

import { copyBytes } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { KEY_SIZE, NONCE_SIZE } from "../steps/index.ts";

/** Gives that many random bytes. */
export type Random = (length: number) => Uint8Array;

export const webRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

const RANDOM_PART = 4;

/** A new nonce: 4 random bytes, then the counter 0. */
export function newNonce(random: Random): Uint8Array {
  const nonce = new Uint8Array(NONCE_SIZE);
  nonce.set(random(RANDOM_PART));
  return nonce;
}

/** The counter of a nonce. */
export function nonceCounter(nonce: Uint8Array): bigint {
  return new DataView(nonce.buffer, nonce.byteOffset).getBigUint64(RANDOM_PART, true);
}

/** Of several nonces, at least one, the one that was used last. */
export function highestCounter(nonces: readonly Uint8Array[]): Uint8Array {
  return nonces.reduce((highest, nonce) => (nonceCounter(nonce) > nonceCounter(highest) ? nonce : highest));
}

/** The nonce after `previous`: new random bytes, the little-endian counter one higher. */
export function nextNonce(previous: Uint8Array, random: Random): Uint8Array {
  const nonce = copyBytes(previous);
  nonce.set(random(RANDOM_PART));
  const view = new DataView(nonce.buffer);
  view.setBigUint64(RANDOM_PART, BigInt.asUintN(64, nonceCounter(previous) + 1n), true);
  return nonce;
}

/** A random key that is not zero. */
export function newKey(random: Random): Secret {
  for (;;) {
    const key = new Secret(random(KEY_SIZE));
    if (!key.isZero()) return key;
  }
}
