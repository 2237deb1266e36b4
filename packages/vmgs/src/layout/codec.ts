/** The contract of everything that is declared: how a value lies in bytes. */

import { type Check, checkBytes, checkWhole, having } from "../arguments/index.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { type Shape, sizeOf, typeOf } from "./shape.ts";
import { Sink } from "./sink.ts";
import { Source } from "./source.ts";

/** Reads a value where it lies, `offset` bytes from the start. The caller has made sure that all its bytes are there. */
export type InPlace<T> = (bytes: Uint8Array, offset: number) => T;

/** How a value of type `T` lies in bytes. Structures and leaf fields are codecs alike. */
export interface Codec<T> {
  /** The same as data, for exports and trees of fields. */
  readonly shape: Shape;
  /** Bytes that every value takes, or undefined when the value decides. */
  readonly size: number | undefined;
  /** The type in words, for documentation and the hexdump: `u32 LE`, `12 bytes`. */
  readonly type: string;
  /** The value of the next bytes. Throws LayoutError where there is none. */
  decode(source: Source): T;
  /** Present when all values have the same size and any bytes hold one, so that nothing can go wrong on the way. */
  readonly at?: InPlace<T> | undefined;
  /** Appends the bytes of a value. */
  encode(sink: Sink, value: T): void;
  /** Numbers, lower-case hex, nested objects; a 64-bit value above 2^53 becomes a decimal string. */
  toJson(value: T): Json;
}

export const checkCodec: Check = having("shape", "type", "decode", "encode");

/** A codec that is sure to read in place. */
export interface FixedCodec<T> extends Codec<T> {
  readonly size: number;
  readonly at: InPlace<T>;
}

/** The value type of a codec. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

/** Reads values of a codec in place; of one that can't promise to, errors count from the start of `bytes`. */
export function inPlace<T>(codec: Codec<T>): InPlace<T> {
  return codec.at ?? ((bytes, offset) => decode(codec, bytes, offset));
}

/** Writer and JSON form of a codec. */
type Writer<T> = Pick<Codec<T>, "encode" | "toJson">;

/** A codec of values that differ in size, or that not all bytes hold. */
export function codecOf<T>(shape: Shape, reader: Pick<Codec<T>, "decode"> & Writer<T>): Codec<T> {
  return { shape, size: sizeOf(shape), type: typeOf(shape), ...reader };
}

/** A codec of fixed size without parts, which any bytes hold. */
export function fixedCodecOf<T>(shape: Shape, at: InPlace<T>, writer: Writer<T>): FixedCodec<T> {
  const size = sizeOf(shape) ?? 0;
  return {
    shape,
    size,
    type: typeOf(shape),
    at,
    decode: (source) => at(source.bytes, source.take(size)),
    ...writer,
  };
}

/** A codec with parts. Where it can read in place, it goes `step` by step for a listener only, or where bytes end. */
export function partsCodecOf<T>(
  shape: Shape,
  at: InPlace<T> | undefined,
  { decode: step, ...writer }: Pick<Codec<T>, "decode"> & Writer<T>,
): Codec<T> {
  const size = sizeOf(shape);
  const decodeParts = (source: Source) =>
    source.listener === undefined && (size as number) <= source.left
      ? (at as InPlace<T>)(source.bytes, source.take(size as number))
      : step(source);
  const canStay = size !== undefined && at !== undefined;
  return { shape, size, type: typeOf(shape), at, decode: canStay ? decodeParts : step, ...writer };
}

/**
 * Reads one value. Bytes after it are ignored.
 *
 * @throws LayoutError when the bytes are too few or hold something else.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, offset = 0): T {
  checkCodec(codec, "codec");
  checkBytes(bytes, "bytes");
  checkWhole(offset, "offset");
  return codec.decode(new Source(bytes, offset));
}

/**
 * Reads one value that must take all of the bytes.
 *
 * @throws LayoutError also when bytes are left after the value.
 */
export function decodeExactly<T>(codec: Codec<T>, bytes: Uint8Array): T {
  checkCodec(codec, "codec");
  checkBytes(bytes, "bytes");
  const source = new Source(bytes);
  const value = codec.decode(source);
  checkEnd(source);
  return value;
}

/** @throws LayoutError when bytes are left. */
export function checkEnd(source: Source): void {
  if (source.left > 0) throw new LayoutError(`${source.left} bytes are left after the value`, source.offset);
}

/**
 * Writes one value into new bytes.
 *
 * @throws LayoutError when the value does not fit its fields.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
  checkCodec(codec, "codec");
  const sink = new Sink(codec.size ?? 256);
  codec.encode(sink, value);
  return sink.finish();
}
