/** The contract of everything that is declared: how a value lies in bytes. */

import { type Check, checkBytes, checkWhole, having } from "../arguments/index.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { Sink } from "./sink.ts";
import { Source } from "./source.ts";

/** Reads a value where it lies, `offset` bytes from the start. Who calls has made sure that all its bytes are there. */
export type InPlace<T> = (bytes: Uint8Array, offset: number) => T;

/** How a value of type `T` lies in bytes. Structures and leaf fields are codecs alike. */
export interface Codec<T> {
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
  /** True when the codec holds further named parts, so that the hexdump shows those and not the whole. */
  readonly nested?: boolean;
}

export const checkCodec: Check = having("type", "decode", "encode");

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

/** The `decode` of a codec of fixed size that can read in place. */
export function decodeBy<T>(size: number, at: InPlace<T>): (source: Source) => T {
  return (source) => at(source.bytes, source.take(size));
}

/** The same for one with parts. Only while a picture is taken, or when bytes are missing, it goes `step` by step. */
export function decodePartsBy<T>(
  size: number | undefined,
  at: InPlace<T> | undefined,
  step: (source: Source) => T,
): (source: Source) => T {
  if (size === undefined || at === undefined) return step;
  return (source) =>
    source.rows === undefined && size <= source.left ? at(source.bytes, source.take(size)) : step(source);
}

/**
 * Reads one value. Bytes behind it are ignored.
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
 * @throws LayoutError also when bytes are left behind the value.
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
  if (source.left > 0) throw new LayoutError(`${source.left} bytes are left behind the value`, source.offset);
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
