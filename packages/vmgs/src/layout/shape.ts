/**
 * What a codec is, as data: enough to read a value without the codec. Exports of the format (Kaitai, ImHex, tables,
 * trees of fields) are made from shapes alone. See docs/decisions/0024-shapes.md.
 */

/** How a value lies in bytes. */
export type Shape =
  | IntegerShape
  | BytesShape
  | TextShape
  | GuidShape
  | StructShape
  | ArrayShape
  | SizedShape
  | WindowShape
  | TaggedShape
  | OpaqueShape;

/** An integer; signed ones are two's complement. */
export interface IntegerShape {
  readonly kind: "integer";
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8;
  readonly endian: "little" | "big";
  readonly signed: boolean;
}

/** Bytes that mean nothing further here. */
export interface BytesShape {
  readonly kind: "bytes";
  /** `rest`: all bytes up to the end of what is read, or of the window around. */
  readonly size: Amount | "rest";
}

/** Text. */
export interface TextShape {
  readonly kind: "text";
  /** `ascii` shows bytes above 0x7f as U+FFFD, `latin1` as U+0080 to U+00FF; `ucs2` is little-endian, unpaired surrogates kept. */
  readonly encoding: "ascii" | "latin1" | "ucs2";
  /** Characters, or null when a NUL ends the text; the NUL is read and is not part of the value. */
  readonly characters: number | null;
}

/** A GUID: 16 bytes of which the first three parts (4, 2, 2 bytes) are little-endian. */
export interface GuidShape {
  readonly kind: "guid";
}

/** Named fields in the order of their bytes. */
export interface StructShape {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly FieldShape[];
}

/** A field of a structure. */
export interface FieldShape {
  readonly name: string;
  readonly shape: Shape;
  /** One line: what the field holds. */
  readonly doc: string;
  /** Never shown. */
  readonly secret: boolean;
  /** Carries nothing: reserved, or alignment. */
  readonly padding: boolean;
  /** The only value that the format allows, or null. Readers do not enforce it. */
  readonly constant: number | bigint | string | null;
  /** Names of values, or null. Other values can occur. */
  readonly enumeration: Readonly<Record<number, string>> | null;
  /** Names of bits by their numbers, lowest 0, or null. Other bits can occur. */
  readonly bits: Readonly<Record<string, number>> | null;
}

/** Elements of one shape, one after the other. */
export interface ArrayShape {
  readonly kind: "array";
  readonly element: Shape;
  /** An amount; a count in the bytes before the elements; or as many as there are up to the end. */
  readonly count: Amount | CountShape | "toEnd";
}

/** A count before elements. One above `limit` is refused. */
export interface CountShape {
  readonly kind: "count";
  readonly integer: IntegerShape;
  readonly limit: number;
}

/** A length in bytes, then a value that takes exactly that many. A length above `limit` is refused. */
export interface SizedShape {
  readonly kind: "sized";
  readonly length: IntegerShape;
  readonly value: Shape;
  /** null = any length that the integer can hold. */
  readonly limit: number | null;
  /** Bytes of the place in which the value lies at its start, or null when nothing follows the value. */
  readonly capacity: number | null;
}

/** Exactly so many bytes, and in them a value that takes all of them. */
export interface WindowShape {
  readonly kind: "window";
  readonly size: Amount;
  readonly value: Shape;
}

/** A number, and the structure that it chooses. Other numbers are refused. */
export interface TaggedShape {
  readonly kind: "tagged";
  readonly name: string;
  readonly tag: IntegerShape;
  readonly variants: readonly VariantShape[];
}

/** One of the structures that a tag chooses. The fields of its value lie beside `kind`. */
export interface VariantShape {
  readonly kind: string;
  readonly tag: number;
  readonly shape: Shape;
}

/** Bytes whose inner form is not data: a codec with a reader of its own. */
export interface OpaqueShape {
  readonly kind: "opaque";
  /** Bytes, or null when the value decides. */
  readonly size: number | null;
  readonly meaning: string;
}

/** A number of bytes or elements: known, or computed from fields that were read before. */
export type Amount = number | LinearAmount;

/**
 * `plus` and the sum of the named fields' values times their factors. The fields belong to the structure around,
 * before the part; arrays, windows and lengths between them do not count as structures.
 */
export interface LinearAmount {
  readonly plus: number;
  readonly fields: Readonly<Record<string, number>>;
}

/** Bytes that every value of the shape takes, or undefined when the value decides. */
export function sizeOf(shape: Shape): number | undefined {
  switch (shape.kind) {
    case "integer":
      return shape.size;
    case "guid":
      return 16;
    case "bytes":
      return typeof shape.size === "number" ? shape.size : undefined;
    case "text":
      return shape.characters === null ? undefined : shape.characters * (shape.encoding === "ucs2" ? 2 : 1);
    case "struct":
      return sum(shape.fields.map((field) => sizeOf(field.shape)));
    case "array":
      return times(sizeOf(shape.element), shape.count);
    case "sized":
      return shape.capacity === null ? undefined : shape.length.size + shape.capacity;
    case "window":
      return typeof shape.size === "number" ? shape.size : undefined;
    case "tagged":
      return undefined;
    case "opaque":
      return shape.size ?? undefined;
  }
}

function times(size: number | undefined, count: ArrayShape["count"]): number | undefined {
  return size === undefined || typeof count !== "number" ? undefined : size * count;
}

function sum(sizes: readonly (number | undefined)[]): number | undefined {
  let all = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    all += size;
  }
  return all;
}

/** The shape in words, for documentation and the hexdump: `u32 LE`, `12 bytes`. */
export function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case "integer":
      return integerType(shape);
    case "guid":
      return "GUID";
    case "bytes":
      return shape.size === "rest" ? "bytes to the end" : `${amountWords(shape.size)} bytes`;
    case "text":
      return textType(shape);
    case "struct":
    case "tagged":
      return shape.name;
    case "array":
      return arrayType(shape);
    case "sized":
      return sizedType(shape);
    case "window":
      return `${typeOf(shape.value)} in ${amountWords(shape.size)} bytes`;
    case "opaque":
      return shape.meaning;
  }
}

function integerType({ size, endian, signed }: IntegerShape): string {
  const order = size === 1 ? "" : endian === "little" ? " LE" : " BE";
  return `${signed ? "i" : "u"}${8 * size}${order}`;
}

function textType({ encoding, characters }: TextShape): string {
  const name = encoding === "ucs2" ? "UCS-2 LE" : "ASCII";
  return characters === null ? `${name}, NUL` : `${characters} ${name}`;
}

function arrayType({ element, count }: ArrayShape): string {
  if (count === "toEnd") return `${typeOf(element)} each, to the end`;
  if (isCount(count)) return `${typeOf(count.integer)} count, ${typeOf(element)} each`;
  return `${amountWords(count)} x ${typeOf(element)}`;
}

function sizedType({ length, value, capacity }: SizedShape): string {
  if (capacity !== null) return `${typeOf(length)} length, buffer of ${capacity}`;
  const isBytes = value.kind === "bytes" && value.size === "rest";
  return `${typeOf(length)} length, ${isBytes ? "bytes" : typeOf(value)}`;
}

function isCount(count: Amount | CountShape): count is CountShape {
  return typeof count === "object" && "kind" in count;
}

/** An amount in words: `12`, `nameLength`, `length - 48`. */
export function amountWords(amount: Amount): string {
  if (typeof amount === "number") return String(amount);
  const words = Object.entries(amount.fields).map(([name, factor]) => {
    const size = Math.abs(factor) === 1 ? name : `${Math.abs(factor)} x ${name}`;
    return `${factor < 0 ? "-" : "+"} ${size}`;
  });
  if (amount.plus !== 0) words.push(`${amount.plus < 0 ? "-" : "+"} ${Math.abs(amount.plus)}`);
  return words.join(" ").replace(/^\+ /, "");
}

/** Whether a value holds further named parts, so that a hexdump shows those and not the whole. */
export function hasParts(shape: Shape): boolean {
  switch (shape.kind) {
    case "struct":
    case "array":
    case "tagged":
      return true;
    case "window":
      return hasParts(shape.value);
    case "sized":
      return shape.value.kind !== "bytes";
    default:
      return false;
  }
}
