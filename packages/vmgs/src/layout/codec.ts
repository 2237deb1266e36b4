/** The contract of everything that is declared: how a value lies in bytes. */

import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { Sink } from "./sink.ts";
import { Source } from "./source.ts";

/** How a value of type `T` lies in bytes. Structures and leaf fields are codecs alike. */
export interface Codec<T> {
  /** Bytes that every value takes, or undefined when the value decides. */
  readonly size: number | undefined;
  /** The type in words, for documentation and the hexdump: `u32 LE`, `12 bytes`. */
  readonly type: string;
  decode(source: Source): T;
  encode(sink: Sink, value: T): void;
  /** Numbers, lower-case hex, nested objects; a 64-bit value above 2^53 becomes a decimal string. */
  toJson(value: T): Json;
  /** True when the codec holds further named parts, so that the hexdump shows those and not the whole. */
  readonly nested?: boolean;
}

/** The value type of a codec. */
export type Decoded<C> = C extends Codec<infer T> ? T : never;

/**
 * Reads one value. Bytes behind it are ignored.
 *
 * @throws LayoutError when the bytes are too few or hold something else.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, offset = 0): T {
  return codec.decode(new Source(bytes, offset));
}

/**
 * Reads one value that must take all of the bytes.
 *
 * @throws LayoutError also when bytes are left behind the value.
 */
export function decodeExactly<T>(codec: Codec<T>, bytes: Uint8Array): T {
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
  const sink = new Sink(codec.size ?? 256);
  codec.encode(sink, value);
  return sink.finish();
}
