/**
 * What the core asks of the outside. The core never reads or calculates ciphers itself: it is written as generators
 * that yield requests, and a driver, synchronous or not, answers them. See docs/decisions/0002-sans-io.md.
 */

import type { Secret } from "../secret/index.ts";

/** Fill `into` with the bytes of the disk from `offset` on. */
export interface ReadRequest {
  readonly kind: "read";
  readonly offset: number;
  readonly into: Uint8Array;
}

/** Give `length` bytes of the disk from `offset` on. They are only looked at until the next request is made. */
export interface PeekRequest {
  readonly kind: "peek";
  readonly offset: number;
  readonly length: number;
}

/** Encrypt with AES-256-GCM: 12-byte nonce, no additional data. */
export interface SealRequest {
  readonly kind: "seal";
  readonly key: Secret;
  readonly nonce: Uint8Array;
  readonly plaintext: Uint8Array;
}

/** Decrypt with AES-256-GCM. `sealed` is the ciphertext followed by the 16-byte tag. */
export interface UnsealRequest {
  readonly kind: "unseal";
  readonly key: Secret;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** What steps ask of their driver: reading the disk, and authenticated encryption. */
export type Request = ReadRequest | PeekRequest | SealRequest | UnsealRequest;

/** Answer to a seal request. */
export interface Sealed {
  /** One or more parts, together as long as the plaintext; all but the last are whole blocks of 4096 bytes. */
  readonly ciphertext: readonly Uint8Array[];
  /** 16 bytes. */
  readonly tag: Uint8Array;
}

/** Answer to any request: nothing for a read, null for an unseal whose tag does not match. */
export type Answer = undefined | Sealed | Uint8Array | null;

/** A computation that asks for bytes and ciphers on its way to `T`. */
export type Steps<T> = Generator<Request, T, Answer>;

/** Bytes of an authentication tag. */
export const TAG_SIZE = 16;
/** Bytes of a nonce. */
export const NONCE_SIZE = 12;
/** Bytes of every key. */
export const KEY_SIZE = 32;

/**
 * Asks for a look at `length` bytes at `offset`. The answer may be overwritten by the next request: a scan of many
 * stores reuses one buffer, as fresh memory costs more than reading.
 */
export function* peek(offset: number, length: number): Steps<Uint8Array> {
  return (yield { kind: "peek", offset, length }) as Uint8Array;
}

/** Asks for `length` bytes at `offset`, to keep. */
export function* read(offset: number, length: number): Steps<Uint8Array> {
  const into = new Uint8Array(length);
  yield readInto(offset, into);
  return into;
}

/** Asks to fill `into` with the bytes from `offset` on. */
export function readInto(offset: number, into: Uint8Array): ReadRequest {
  return { kind: "read", offset, into };
}

/** Asks for `length` bytes at `offset`, followed by `tag`, ready to be unsealed without a copy. */
export function* readSealed(offset: number, length: number, tag: Uint8Array): Steps<Uint8Array> {
  const sealed = new Uint8Array(length + TAG_SIZE);
  sealed.set(tag, length);
  if (length > 0) yield readInto(offset, sealed.subarray(0, length));
  return sealed;
}

export function* seal(key: Secret, nonce: Uint8Array, plaintext: Uint8Array): Steps<Sealed> {
  return (yield { kind: "seal", key, nonce, plaintext }) as Sealed;
}

/** The plaintext, or null when the tag does not match. */
export function* unseal(key: Secret, nonce: Uint8Array, sealed: Uint8Array): Steps<Uint8Array | null> {
  return (yield { kind: "unseal", key, nonce, sealed }) as Uint8Array | null;
}
