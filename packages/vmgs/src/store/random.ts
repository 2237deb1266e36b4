/** Nonces and keys (spec: encryption). */

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

/** The nonce after `previous`: new random bytes, the little-endian counter one higher. */
export function nextNonce(previous: Uint8Array, random: Random): Uint8Array {
  const nonce = new Uint8Array(previous);
  nonce.set(random(RANDOM_PART));
  const view = new DataView(nonce.buffer);
  view.setBigUint64(RANDOM_PART, BigInt.asUintN(64, view.getBigUint64(RANDOM_PART, true) + 1n), true);
  return nonce;
}

/** A random key that is not zero. */
export function newKey(random: Random): Secret {
  for (;;) {
    const key = new Secret(random(KEY_SIZE));
    if (!key.isZero()) return key;
  }
}
