/** Keys, held so that they do not reach logs, JSON or error messages by accident. */

import { type Check, checkBytes, instanceOf } from "../arguments/index.ts";
import { copyBytes } from "../layout/index.ts";

const HIDDEN = "[secret]";

/** Bytes that are only given out when asked for by name. */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Keeps a copy of `bytes`, also of a Buffer, whose `slice` would share its memory. */
  constructor(bytes: Uint8Array) {
    checkBytes(bytes, "bytes");
    this.#bytes = copyBytes(bytes);
  }

  /** The bytes themselves. Do not print, log or serialise them. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** Compares in constant time for equal lengths. */
  equals(other: Secret): boolean {
    checkSecret(other, "other");
    if (this.#bytes.length !== other.#bytes.length) return false;
    let difference = 0;
    for (let i = 0; i < this.#bytes.length; i++) {
      difference |= (this.#bytes[i] as number) ^ (other.#bytes[i] as number);
    }
    return difference === 0;
  }

  /** True when all bytes are zero. */
  isZero(): boolean {
    return this.#bytes.every((byte) => byte === 0);
  }

  /** What `console.log` shows under Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return HIDDEN;
  }

  /** Never the bytes. */
  toString(): string {
    return HIDDEN;
  }

  /** Never the bytes. */
  toJSON(): string {
    return HIDDEN;
  }
}

/** A secret of this library. */
export const checkSecret: Check = instanceOf(Secret, "a Secret");

/** A key as callers give it: its bytes, or a secret. Text is refused, in hexadecimal too; `parseKeyFile` reads text. */
export const checkKey: Check = (value, name) => {
  if (!(value instanceof Secret)) checkBytes(value, name);
};
