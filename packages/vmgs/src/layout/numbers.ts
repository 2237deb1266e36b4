/** Integers of a fixed width, little-endian unless the name says otherwise. */

import { decodeBy, type FixedCodec, type InPlace } from "./codec.ts";
import { exactNumber } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { wrongType } from "./value-type.ts";

type Setter = (view: DataView, offset: number, value: number) => void;

function integer(
  type: string,
  size: number,
  min: number,
  max: number,
  at: InPlace<number>,
  set: Setter,
): FixedCodec<number> {
  return {
    size,
    type,
    at,
    decode: decodeBy(size, at),
    encode: (sink, value) => {
      if (typeof value !== "number") throw wrongType(sink, `a ${type}`, value);
      const offset = sink.grow(size);
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new LayoutError(`${value} is not a ${type}`, offset);
      }
      set(sink.at(), offset, value);
    },
    toJson: (value) => value,
  };
}

function integer64(type: string, littleEndian: boolean, at: InPlace<bigint>): FixedCodec<bigint> {
  return {
    size: 8,
    type,
    at,
    decode: decodeBy(8, at),
    encode: (sink, value) => {
      if (typeof value !== "bigint") throw wrongType(sink, "a bigint", value);
      const offset = sink.grow(8);
      if (value < 0n || value > 0xffff_ffff_ffff_ffffn)
        throw new LayoutError(`${value} is not a ${type}`, offset);
      sink.at().setBigUint64(offset, value, littleEndian);
    },
    toJson: exactNumber,
  };
}

// Byte by byte, because a DataView for each piece of memory costs more than all the numbers that are read from it.
const at8: InPlace<number> = (bytes, o) => bytes[o] as number;
const at16: InPlace<number> = (bytes, o) => at8(bytes, o) | (at8(bytes, o + 1) << 8);
const at32: InPlace<number> = (bytes, o) => (at16(bytes, o) | (at16(bytes, o + 2) << 16)) >>> 0;
const at16be: InPlace<number> = (bytes, o) => (at8(bytes, o) << 8) | at8(bytes, o + 1);
const at32be: InPlace<number> = (bytes, o) => ((at16be(bytes, o) << 16) | at16be(bytes, o + 2)) >>> 0;

const word = new DataView(new ArrayBuffer(8));
function join(high: number, low: number): bigint {
  word.setUint32(0, high);
  word.setUint32(4, low);
  return word.getBigUint64(0);
}

const unsigned = (bits: number) => 2 ** bits - 1;

/** Unsigned, 1 byte. */
export const u8 = integer("u8", 1, 0, unsigned(8), at8, (v, o, x) => v.setUint8(o, x));
/** Unsigned, 2 bytes, little-endian. */
export const u16 = integer("u16 LE", 2, 0, unsigned(16), at16, (v, o, x) => v.setUint16(o, x, true));
/** Signed, two's complement, 2 bytes, little-endian. */
export const i16 = integer(
  "i16 LE",
  2,
  -(2 ** 15),
  2 ** 15 - 1,
  (bytes, o) => (at16(bytes, o) << 16) >> 16,
  (v, o, x) => v.setInt16(o, x, true),
);
/** Unsigned, 4 bytes, little-endian. */
export const u32 = integer("u32 LE", 4, 0, unsigned(32), at32, (v, o, x) => v.setUint32(o, x, true));
/** Unsigned, 8 bytes, little-endian. */
export const u64 = integer64("u64 LE", true, (bytes, o) => join(at32(bytes, o + 4), at32(bytes, o)));

/** Signed, two's complement, 8 bytes, little-endian. */
export const i64: FixedCodec<bigint> = {
  ...u64,
  type: "i64 LE",
  at: (bytes, o) => BigInt.asIntN(64, u64.at(bytes, o)),
  decode: decodeBy(8, (bytes, o) => BigInt.asIntN(64, u64.at(bytes, o))),
  encode: (sink, value) => {
    if (typeof value !== "bigint") throw wrongType(sink, "a bigint", value);
    if (BigInt.asIntN(64, value) !== value) throw new LayoutError(`${value} is not a i64 LE`, sink.grow(0));
    u64.encode(sink, BigInt.asUintN(64, value));
  },
  toJson: exactNumber,
};

/** Unsigned, 2 bytes, big-endian. */
export const u16be = integer("u16 BE", 2, 0, unsigned(16), at16be, (v, o, x) => v.setUint16(o, x));
/** Unsigned, 4 bytes, big-endian. */
export const u32be = integer("u32 BE", 4, 0, unsigned(32), at32be, (v, o, x) => v.setUint32(o, x));
/** Unsigned, 8 bytes, big-endian. */
export const u64be = integer64("u64 BE", false, (bytes, o) => join(at32be(bytes, o), at32be(bytes, o + 4)));
