/** A picture of bytes: which field lies where, with its value in words. Made by decoding and listening. */

import { checkBytes, checkWhole } from "../arguments/index.ts";
import { type Codec, checkCodec } from "./codec.ts";
import { toHex } from "./hex.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { Source } from "./source.ts";
import type { FieldOptions } from "./struct.ts";

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
  const rows: PictureRow[] = [];
  try {
    codec.decode(new Source(bytes, 0, bytes.length, rows));
    return { rows: shift(rows, base), error: null };
  } catch (error) {
    if (error instanceof LayoutError) return { rows: shift(rows, base), error };
    throw error;
  }
}

function shift(rows: PictureRow[], base: number): PictureRow[] {
  return base === 0 ? rows : rows.map((row) => ({ ...row, offset: row.offset + base }));
}

/** Called by structures and arrays while a picture is taken. */
export function noteField<T>(
  source: Source,
  start: number,
  declared: FieldOptions<T> & { codec: Codec<T>; meaning: string },
  value: T,
): void {
  const { codec, meaning, words, secret } = declared;
  source.rows?.push({
    offset: start,
    size: source.offset - start,
    path: source.path.join(".").replaceAll(".[", "["),
    type: codec.type,
    hex: secret ? null : toHex(source.bytes.subarray(start, source.offset)),
    value: secret ? null : codec.toJson(value),
    words: secret ? "secret" : (words?.(value) ?? null),
    meaning,
  });
}

/** Decodes a part that no field declares - an element, a length, a tag - under its own name in paths and pictures. */
export function decodePart<T>(source: Source, name: string, codec: Codec<T>, meaning = ""): T {
  const start = source.offset;
  try {
    if (source.rows === undefined) return codec.decode(source);
    source.path.push(name);
    const value = codec.decode(source);
    if (!codec.nested) noteField(source, start, { codec, meaning }, value);
    source.path.pop();
    return value;
  } catch (error) {
    throw error instanceof LayoutError ? error.within(name) : error;
  }
}
