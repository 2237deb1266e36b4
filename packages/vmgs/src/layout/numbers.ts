/** Integers of a fixed width, little-endian unless the name says otherwise. */

import type { Codec } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";

type Getter = (view: DataView, offset: number) => number;
type Setter = (view: DataView, offset: number, value: number) => void;

function integer(
  type: string,
  size: number,
  min: number,
  max: number,
  get: Getter,
  set: Setter,
): Codec<number> {
  return {
    size,
    type,
    decode: (source) => get(source.view, source.take(size)),
    encode: (sink, value) => {
      const offset = sink.grow(size);
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new LayoutError(`${value} is not a ${type}`, offset);
      }
      set(sink.at(), offset, value);
    },
    toJson: (value) => value,
  };
}

function integer64(type: string, littleEndian: boolean): Codec<bigint> {
  return {
    size: 8,
    type,
    decode: (source) => source.view.getBigUint64(source.take(8), littleEndian),
    encode: (sink, value) => {
      const offset = sink.grow(8);
      if (value < 0n || value > 0xffff_ffff_ffff_ffffn)
        throw new LayoutError(`${value} is not a ${type}`, offset);
      sink.at().setBigUint64(offset, value, littleEndian);
    },
    toJson: (value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()),
  };
}

const unsigned = (bits: number) => 2 ** bits - 1;

export const u8 = integer(
  "u8",
  1,
  0,
  unsigned(8),
  (v, o) => v.getUint8(o),
  (v, o, x) => v.setUint8(o, x),
);
export const u16 = integer(
  "u16 LE",
  2,
  0,
  unsigned(16),
  (v, o) => v.getUint16(o, true),
  (v, o, x) => v.setUint16(o, x, true),
);
export const i16 = integer(
  "i16 LE",
  2,
  -(2 ** 15),
  2 ** 15 - 1,
  (v, o) => v.getInt16(o, true),
  (v, o, x) => v.setInt16(o, x, true),
);
export const u32 = integer(
  "u32 LE",
  4,
  0,
  unsigned(32),
  (v, o) => v.getUint32(o, true),
  (v, o, x) => v.setUint32(o, x, true),
);
export const u64 = integer64("u64 LE", true);

export const u16be = integer(
  "u16 BE",
  2,
  0,
  unsigned(16),
  (v, o) => v.getUint16(o),
  (v, o, x) => v.setUint16(o, x),
);
export const u32be = integer(
  "u32 BE",
  4,
  0,
  unsigned(32),
  (v, o) => v.getUint32(o),
  (v, o, x) => v.setUint32(o, x),
);
export const u64be = integer64("u64 BE", false);
