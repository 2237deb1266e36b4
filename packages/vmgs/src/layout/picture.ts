/** A picture of bytes: which field lies where, with its value in words. Made by decoding and listening. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { type Codec, checkCodec } from "./codec.ts";
import { toHex } from "./hex.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { hasParts, typeOf } from "./shape.ts";
import { type Listener, type ReadPart, Source } from "./source.ts";

/** One leaf field, as it lies in the bytes. */
export interface PictureRow {
  /** Bytes from the start of what was given, plus the base that was asked for. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Path of the field: `metadataKeys[0].nonce`. */
  readonly path: string;
  /** Type in words. */
  readonly type: string;
  /** The bytes in lower-case hex; null when the field is secret. */
  readonly hex: string | null;
  /** The value as JSON; null when the field is secret. */
  readonly value: Json;
  /** The value in words, where the declaration knows any. */
  readonly words: string | null;
  /** What the field is for. */
  readonly meaning: string;
}

/** Bytes with the names of their fields. */
export interface Picture {
  readonly rows: readonly PictureRow[];
  /** Where decoding stopped, when the bytes do not hold the whole structure. */
  readonly error: LayoutError | null;
}

/** Decodes `bytes` and lists every leaf field on the way. Never throws for bad bytes. */
export function picture<T>(codec: Codec<T>, bytes: Uint8Array, base = 0): Picture {
  checkCodec(codec, "codec");
  checkBytes(bytes, "bytes");
  checkWhole(base, "base");
  const rows = new Rows(base);
  try {
    codec.decode(new Source(bytes, 0, bytes.length, rows));
    return { rows: rows.rows, error: null };
  } catch (error) {
    if (error instanceof LayoutError) return { rows: rows.rows, error };
    throw error;
  }
}

/** Makes a row of each part that has no further parts. */
class Rows implements Listener {
  readonly rows: PictureRow[] = [];
  readonly #base: number;
  readonly #path: string[] = [];

  constructor(base: number) {
    this.#base = base;
  }

  enter(name: string): void {
    this.#path.push(name);
  }

  leave(part: ReadPart): void {
    if (!hasParts(part.shape)) this.rows.push(rowOf(part, this.#path, this.#base));
    this.#path.pop();
  }
}

function rowOf(part: ReadPart, path: readonly string[], base: number): PictureRow {
  const { bytes, start, end, shape, meaning, secret } = part;
  return {
    offset: start + base,
    size: end - start,
    path: path.join(".").replaceAll(".[", "["),
    type: typeOf(shape),
    hex: secret ? null : toHex(bytes.subarray(start, end)),
    value: secret ? null : part.value(),
    words: secret ? "secret" : part.words(),
    meaning,
  };
}
