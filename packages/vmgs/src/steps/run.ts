/** The drivers: they answer the requests of a computation, one at a time. */

import { VmgsError } from "../errors/index.ts";
import { type Cipher, type SyncCipher, webCipher } from "./cipher.ts";
import type { Answer, Request, Steps } from "./request.ts";

/** Fills `into` with the bytes from `offset` on, completely, or fails. */
export interface ByteSource {
  /** `offset` in bytes from the start. */
  read(offset: number, into: Uint8Array): Promise<void>;
}

/** The same, at once. */
export interface SyncByteSource {
  readSync(offset: number, into: Uint8Array): void;
}

/** A source for computations that ask for no bytes, only for ciphers. */
export const noBytes: ByteSource = {
  read: () => Promise.reject(new VmgsError("VMGS_DISK_RANGE", "no disk is attached to read from")),
};

/** Runs a computation, waiting for bytes and ciphers. */
export async function run<T>(steps: Steps<T>, source: ByteSource, cipher: Cipher = webCipher): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    let answer: Answer;
    try {
      answer = await answerRequest(step.value, source, cipher);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

/**
 * Runs a computation without waiting.
 *
 * @throws VmgsError VMGS_CIPHER_ASYNC when it needs a cipher and none was given.
 */
export function runSync<T>(steps: Steps<T>, source: SyncByteSource, cipher?: SyncCipher): T {
  let step = steps.next();
  while (!step.done) {
    let answer: Answer;
    try {
      answer = answerRequestSync(step.value, source, cipher);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

async function answerRequest(request: Request, source: ByteSource, cipher: Cipher): Promise<Answer> {
  switch (request.kind) {
    case "read":
      await source.read(request.offset, request.into);
      return undefined;
    case "peek": {
      const bytes = new Uint8Array(request.length);
      await source.read(request.offset, bytes);
      return bytes;
    }
    case "seal":
      return cipher.seal(request.key.expose(), request.nonce, request.plaintext);
    case "unseal":
      return cipher.unseal(request.key.expose(), request.nonce, request.sealed);
  }
}

/** What synchronous drivers lend for a peek. Nothing that a computation calls can run between peek and next request. */
let lent = new Uint8Array(8192);
let lastLent = lent;

function lend(length: number): Uint8Array {
  if (length > lent.length) lent = new Uint8Array(length);
  // Nearly all looks are at file tables, and as long as the last one.
  if (length !== lastLent.length) lastLent = lent.subarray(0, length);
  return lastLent;
}

function answerRequestSync(request: Request, source: SyncByteSource, cipher: SyncCipher | undefined): Answer {
  if (request.kind === "read") {
    source.readSync(request.offset, request.into);
    return undefined;
  }
  if (request.kind === "peek") {
    const bytes = lend(request.length);
    source.readSync(request.offset, bytes);
    return bytes;
  }
  if (cipher === undefined) {
    throw new VmgsError(
      "VMGS_CIPHER_ASYNC",
      "encrypted content needs a synchronous cipher to be read synchronously",
    );
  }
  return request.kind === "seal"
    ? cipher.seal(request.key.expose(), request.nonce, request.plaintext)
    : cipher.unseal(request.key.expose(), request.nonce, request.sealed);
}
