/** What a length in bytes stands before: bytes, a buffer, a value. And values in a part whose size is known. */

import { checkWhole } from "../arguments/index.ts";
import { checkAmount, resolve } from "./amount.ts";
import { rest } from "./bytes.ts";
import { type Codec, checkCodec, checkEnd, codecOf, encode } from "./codec.ts";
import { copyBytes } from "./copy.ts";
import { toHex } from "./hex.ts";
import { LayoutError } from "./layout-error.ts";
import { integerShape } from "./length.ts";
import { decodePart } from "./part.ts";
import type { Amount, Shape, SizedShape } from "./shape.ts";
import { takeBytes } from "./value-type.ts";

function sizedShape(
  length: Codec<number>,
  value: Shape,
  options: Partial<Pick<SizedShape, "limit" | "capacity">>,
): SizedShape {
  return {
    kind: "sized",
    length: integerShape(length, "length"),
    value,
    limit: null,
    capacity: null,
    ...options,
  };
}

/** A length, then that many bytes: a TPM2B on the wire, for example. */
export function sized(length: Codec<number>, max = Number.MAX_SAFE_INTEGER): Codec<Uint8Array> {
  checkCodec(length, "length");
  checkWhole(max, "max");
  const limit = max === Number.MAX_SAFE_INTEGER ? null : max;
  return codecOf<Uint8Array>(sizedShape(length, rest.shape, { limit }), {
    decode: (source) => {
      const start = source.offset;
      const size = length.decode(source);
      if (size > max) throw new LayoutError(`length ${size} is above the limit of ${max}`, start);
      const offset = source.take(size);
      return copyBytes(source.bytes, offset, offset + size);
    },
    encode: (sink, value) => {
      takeBytes(sink, value);
      if (value.length > max)
        throw new LayoutError(`${value.length} bytes are above the limit of ${max}`, sink.grow(0));
      length.encode(sink, value.length);
      sink.append(value);
    },
    toJson: toHex,
  });
}

/** A length, then a buffer of fixed size of which only that many bytes count: a TPM2B in memory layout. */
export function sizedBuffer(length: Codec<number>, capacity: number): Codec<Uint8Array> {
  checkCodec(length, "length");
  checkWhole(capacity, "capacity");
  return codecOf<Uint8Array>(sizedShape(length, rest.shape, { limit: capacity, capacity }), {
    decode: (source) => {
      const start = source.offset;
      const used = length.decode(source);
      const offset = source.take(capacity);
      if (used > capacity)
        throw new LayoutError(`length ${used} is above the capacity of ${capacity}`, start);
      return copyBytes(source.bytes, offset, offset + used);
    },
    encode: (sink, value) => {
      takeBytes(sink, value);
      if (value.length > capacity) {
        throw new LayoutError(`${value.length} bytes are above the capacity of ${capacity}`, sink.grow(0));
      }
      length.encode(sink, value.length);
      sink.append(value);
      sink.grow(capacity - value.length);
    },
    toJson: toHex,
  });
}

/** A length in bytes, then a value that takes exactly that many: a TPM2B around a structure, for example. */
export function sizedValue<T>(length: Codec<number>, value: Codec<T>): Codec<T> {
  checkCodec(length, "length");
  checkCodec(value, "value");
  const lengthPart = { codec: length, meaning: "bytes that follow" };
  return codecOf<T>(sizedShape(length, value.shape, {}), {
    decode: (source) => {
      const size = decodePart(source, "size", lengthPart);
      const part = source.part(size);
      const decoded = value.decode(part);
      checkEnd(part);
      return decoded;
    },
    encode: (sink, decoded) => {
      const bytes = encode(value, decoded);
      length.encode(sink, bytes.length);
      sink.append(bytes);
    },
    toJson: value.toJson,
  });
}

/** A value that takes all of `size` bytes, where the size is known or other fields hold it. */
export function window<T>(size: Amount, value: Codec<T>): Codec<T> {
  if (typeof size === "number") checkWhole(size, "size");
  else checkAmount(size, "size");
  checkCodec(value, "value");
  return codecOf<T>(
    { kind: "window", size, value: value.shape },
    {
      decode: (source) => {
        const part = source.part(resolve(size, source.fields, source.offset));
        const decoded = value.decode(part);
        checkEnd(part);
        return decoded;
      },
      encode: (sink, decoded) => {
        const start = sink.grow(0);
        const expected = resolve(size, sink.fields, start);
        value.encode(sink, decoded);
        const written = sink.grow(0) - start;
        if (written !== expected)
          throw new LayoutError(`${written} bytes given, ${expected} expected`, start);
      },
      toJson: value.toJson,
    },
  );
}
