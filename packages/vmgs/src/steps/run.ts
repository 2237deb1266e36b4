/** The drivers: they answer the requests of a computation, one at a time. */

import { type Check, checkCallback, checkSignal, optionsOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { type Cipher, type SyncCipher, webCipher } from "./cipher.ts";
import type { Answer, ReadRequest, Request, Steps } from "./request.ts";

/** How a source is read. */
export interface SourceReadOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** What bytes are read from: a whole file, or the disk in it. */
export interface ByteReader {
  /** Fills `into` with the bytes from `offset` on, completely, or fails. */
  read(offset: number, into: Uint8Array, options?: SourceReadOptions): Promise<void>;
  /**
   * Bytes that need no wait, such as those in a cache, to look at and not to keep; undefined where they must be read. A
   * reader whose bytes can change must not have it.
   */
  bytesAtHand?(offset: number, length: number): Uint8Array | undefined;
  /** Bytes from the start that are worth reading at once when the first of them are read, because each read waits. */
  readonly readAhead?: number;
}

/** The same, at once. */
export interface SyncByteReader {
  /** Fills `into` with the bytes from `offset` on, completely, or fails. */
  readSync(offset: number, into: Uint8Array): void;
}

/** What was done of something long. */
export interface Progress {
  /** Bytes that were read so far. */
  readonly bytesRead: number;
}

/** What everything long takes. */
export interface RunOptions {
  /** Ends it; what is thrown is the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each read. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The checks of `RunOptions`, for options that extend them. */
export const runOptionChecks: Readonly<Record<keyof RunOptions, Check>> = {
  signal: checkSignal,
  onProgress: checkCallback,
};

/** What every `read` takes as options. */
export const checkSourceReadOptions: Check = optionsOf({ signal: checkSignal });

/** A source for computations that ask for no bytes, only for ciphers. */
export const noBytes: ByteReader = {
  read: () => Promise.reject(new VmgsError("VMGS_DISK_RANGE", "no disk is attached to read from")),
};

/** Runs a computation, waiting for bytes and ciphers where they are not at hand. */
export async function run<T>(
  steps: Steps<T>,
  reader: ByteReader,
  cipher: Cipher = webCipher,
  options: RunOptions = {},
): Promise<T> {
  const driver = new Driver(reader, cipher, options);
  let step = steps.next();
  while (!step.done) {
    if (options.signal?.aborted) {
      steps.return(undefined as never);
      throw options.signal.reason;
    }
    let answer: Answer;
    try {
      const given = driver.answer(step.value);
      answer = given instanceof Promise ? await given : given;
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(answer);
  }
  return step.value;
}

/** Answers one computation. Its buffers are its own: many of them wait at the same time. */
class Driver {
  readonly #reader: ByteReader;
  readonly #cipher: Cipher;
  readonly #options: RunOptions;
  /** The start of the file, when it was read ahead. */
  #start: Uint8Array | undefined;
  #lent = new Uint8Array(0);
  #bytesRead = 0;

  constructor(reader: ByteReader, cipher: Cipher, options: RunOptions) {
    this.#reader = reader;
    this.#cipher = cipher;
    this.#options = options;
  }

  answer(request: Request): Answer | Promise<Answer> {
    switch (request.kind) {
      case "read":
        return this.#fill(request);
      case "peek":
        return this.#look(request.offset, request.length);
      case "seal":
        return this.#cipher.seal(request.key.expose(), request.nonce, request.plaintext);
      case "unseal":
        return this.#cipher.unseal(request.key.expose(), request.nonce, request.sealed);
    }
  }

  #fill({ offset, into }: ReadRequest): undefined | Promise<undefined> {
    const held = this.#held(offset, into.length);
    if (held === undefined) return this.#read(offset, into);
    into.set(held);
    return undefined;
  }

  #look(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const held = this.#held(offset, length);
    if (held !== undefined) return held;
    if (this.#lent.length < length) this.#lent = new Uint8Array(length);
    const bytes = this.#lent.subarray(0, length);
    return this.#read(offset, bytes).then(() => bytes);
  }

  #held(offset: number, length: number): Uint8Array | undefined {
    const start = this.#start;
    if (start !== undefined && offset + length <= start.length)
      return start.subarray(offset, offset + length);
    return this.#reader.bytesAtHand?.(offset, length);
  }

  async #read(offset: number, into: Uint8Array): Promise<undefined> {
    const { readAhead = 0 } = this.#reader;
    if (offset !== 0 || into.length >= readAhead || !(await this.#readStart(readAhead, into))) {
      await this.#reader.read(offset, into, this.#options);
      this.#note(into.length);
    }
  }

  /** False when the start can't be read: what was asked for may be readable all the same. */
  async #readStart(length: number, into: Uint8Array): Promise<boolean> {
    const start = new Uint8Array(length);
    try {
      await this.#reader.read(0, start, this.#options);
    } catch {
      return false;
    }
    this.#start = start;
    into.set(start.subarray(0, into.length));
    this.#note(length);
    return true;
  }

  #note(bytes: number): void {
    this.#bytesRead += bytes;
    this.#options.onProgress?.({ bytesRead: this.#bytesRead });
  }
}

/**
 * Runs a computation without waiting.
 *
 * @throws VmgsError VMGS_CIPHER_ASYNC when it needs a cipher and none was given.
 */
export function runSync<T>(steps: Steps<T>, source: SyncByteReader, cipher?: SyncCipher): T {
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

/** What synchronous drivers lend for a peek. Nothing that a computation calls can run between peek and next request. */
let lent = new Uint8Array(8192);
let lastLent = lent;

function lend(length: number): Uint8Array {
  if (length > lent.length) lent = new Uint8Array(length);
  // Nearly all looks are at file tables, and as long as the last one.
  if (length !== lastLent.length) lastLent = lent.subarray(0, length);
  return lastLent;
}

function answerRequestSync(request: Request, source: SyncByteReader, cipher: SyncCipher | undefined): Answer {
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
