/**
 * Binary structures, declared once as data. Decoding, encoding, validation, the JSON form and the hexdump with
 * field names all follow from the declaration. See docs/decisions/0001-declared-layouts.md.
 */
export { amount } from "./amount.ts";
export { array } from "./array.ts";
export { type Bits, bits } from "./bits.ts";
export { ascii, bytes, bytesOf, guid, rest } from "./bytes.ts";
export {
  type Codec,
  type Decoded,
  decode,
  decodeExactly,
  encode,
  type FixedCodec,
  type InPlace,
} from "./codec.ts";
export { copyBytes } from "./copy.ts";
export { type FieldReaders, fieldReaders } from "./field-readers.ts";
export { fromHex, hexNumber, toHex } from "./hex.ts";
export { exactNumber, type Json } from "./json.ts";
export { LayoutError } from "./layout-error.ts";
export { list, untilEnd } from "./list.ts";
export { i16, i64, u8, u16, u16be, u32, u32be, u64, u64be } from "./numbers.ts";
export { type Picture, type PictureRow, picture } from "./picture.ts";
export type {
  Amount,
  ArrayShape,
  BytesShape,
  CountShape,
  FieldShape,
  GuidShape,
  IntegerShape,
  LinearAmount,
  OpaqueShape,
  Shape,
  SizedShape,
  StructShape,
  TaggedShape,
  TextShape,
  VariantShape,
  WindowShape,
} from "./shape.ts";
export { Sink } from "./sink.ts";
export { sized, sizedBuffer, sizedValue, window } from "./sized.ts";
export { type Listener, type ReadPart, Source } from "./source.ts";
export {
  constant,
  type Field,
  type FieldOptions,
  type Fields,
  field,
  type Problem,
  type ProblemFinder,
  problemFinder,
  problems,
  type RuledField,
  type Struct,
  type StructValue,
  struct,
} from "./struct.ts";
export { type Tagged, tagged, type Variants } from "./tagged.ts";
export { asciiz, ucs2z } from "./text.ts";
export { valueNames } from "./value-names.ts";
