/** Integers of a fixed width, little-endian unless the name says otherwise. */

import { type FixedCodec, fixedCodecOf, type InPlace } from "./codec.ts";
import { exactNumber } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { type IntegerShape, typeOf } from "./shape.ts";
import { wrongType } from "./value-type.ts";

type Size = IntegerShape["size"];

function shapeOf(size: Size, endian: IntegerShape["endian"], signed = false): IntegerShape {
  return { kind: "integer", size, endian, signed };
}

/** Lowest and highest value. */
function rangeOf({ size, signed }: IntegerShape): readonly [min: number, max: number] {
  const values = 2 ** (8 * size);
  return signed ? [-values / 2, values / 2 - 1] : [0, values - 1];
}

type Setter = (view: DataView, offset: number, value: number) => void;

function integer(shape: IntegerShape, at: InPlace<number>): FixedCodec<number> {
  const type = typeOf(shape);
  const [min, max] = rangeOf(shape);
  const set = setterOf(shape);
  return fixedCodecOf(shape, at, {
    encode: (sink, value) => {
      if (typeof value !== "number") throw wrongType(sink, `a ${type}`, value);
      const offset = sink.grow(shape.size);
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new LayoutError(`${value} is not a ${type}`, offset);
      }
      set(sink.at(), offset, value);
    },
    toJson: (value) => value,
  });
}

/** Of integers below 64 bits; those of two's complement are set as unsigned ones are. */
function setterOf({ size, endian }: IntegerShape): Setter {
  const little = endian === "little";
  if (size === 1) return (view, offset, value) => view.setUint8(offset, value);
  if (size === 2) return (view, offset, value) => view.setUint16(offset, value, little);
  return (view, offset, value) => view.setUint32(offset, value, little);
}

function integer64(shape: IntegerShape, at: InPlace<bigint>): FixedCodec<bigint> {
  const type = typeOf(shape);
  const little = shape.endian === "little";
  const fit = shape.signed ? BigInt.asIntN : BigInt.asUintN;
  return fixedCodecOf(shape, at, {
    encode: (sink, value) => {
      if (typeof value !== "bigint") throw wrongType(sink, "a bigint", value);
      const offset = sink.grow(8);
      if (fit(64, value) !== value) throw new LayoutError(`${value} is not a ${type}`, offset);
      sink.at().setBigUint64(offset, BigInt.asUintN(64, value), little);
    },
    toJson: exactNumber,
  });
}

// Byte by byte, because a DataView for each piece of memory costs more than all the numbers that are read from it.
const at8: InPlace<number> = (bytes, o) => bytes[o] as number;
const at16: InPlace<number> = (bytes, o) => at8(bytes, o) | (at8(bytes, o + 1) << 8);
const at32: InPlace<number> = (bytes, o) => (at16(bytes, o) | (at16(bytes, o + 2) << 16)) >>> 0;
const at16be: InPlace<number> = (bytes, o) => (at8(bytes, o) << 8) | at8(bytes, o + 1);
const at32be: InPlace<number> = (bytes, o) => ((at16be(bytes, o) << 16) | at16be(bytes, o + 2)) >>> 0;
const at64: InPlace<bigint> = (bytes, o) => join(at32(bytes, o + 4), at32(bytes, o));
const at64be: InPlace<bigint> = (bytes, o) => join(at32be(bytes, o), at32be(bytes, o + 4));

const word = new DataView(new ArrayBuffer(8));
function join(high: number, low: number): bigint {
  word.setUint32(0, high);
  word.setUint32(4, low);
  return word.getBigUint64(0);
}

/** Unsigned, 1 byte. */
export const u8 = integer(shapeOf(1, "little"), at8);
/** Unsigned, 2 bytes, little-endian. */
export const u16 = integer(shapeOf(2, "little"), at16);
/** Signed, two's complement, 2 bytes, little-endian. */
export const i16 = integer(shapeOf(2, "little", true), (bytes, o) => (at16(bytes, o) << 16) >> 16);
/** Unsigned, 4 bytes, little-endian. */
export const u32 = integer(shapeOf(4, "little"), at32);
/** Unsigned, 8 bytes, little-endian. */
export const u64 = integer64(shapeOf(8, "little"), at64);
/** Signed, two's complement, 8 bytes, little-endian. */
export const i64 = integer64(shapeOf(8, "little", true), (bytes, o) => BigInt.asIntN(64, at64(bytes, o)));
/** Unsigned, 2 bytes, big-endian. */
export const u16be = integer(shapeOf(2, "big"), at16be);
/** Unsigned, 4 bytes, big-endian. */
export const u32be = integer(shapeOf(4, "big"), at32be);
/** Unsigned, 8 bytes, big-endian. */
export const u64be = integer64(shapeOf(8, "big"), at64be);
