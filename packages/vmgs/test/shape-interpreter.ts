/** Reads values from shapes alone, without the codecs: what an export of a format would do. */

import type { Amount, ArrayShape, IntegerShape, Shape, SizedShape, TextShape } from "../src/layout/index.ts";

/** The bytes do not hold the shape. */
export class ShapeError extends Error {}

type Values = Readonly<Record<string, unknown>>;

class Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  take(size: number): Uint8Array {
    if (size < 0 || size > this.end - this.at) throw new ShapeError("too few bytes");
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }

  window(size: number): Cursor {
    this.take(size);
    return new Cursor(this.bytes, this.at - size, this.at);
  }
}

/** The value of `shape` at the start of the bytes. */
export function interpret(shape: Shape, bytes: Uint8Array): { value: unknown; size: number } {
  const cursor = new Cursor(bytes, 0, bytes.length);
  return { value: read(shape, cursor, {}), size: cursor.at };
}

function read(shape: Shape, cursor: Cursor, around: Values): unknown {
  switch (shape.kind) {
    case "integer":
      return integer(shape, cursor);
    case "bytes":
      return cursor.take(shape.size === "rest" ? cursor.end - cursor.at : resolve(shape.size, around));
    case "text":
      return text(shape, cursor);
    case "guid":
      return guid(cursor.take(16));
    case "struct": {
      const value: Record<string, unknown> = {};
      for (const field of shape.fields) value[field.name] = read(field.shape, cursor, value);
      return value;
    }
    case "array":
      return array(shape, cursor, around);
    case "sized":
      return sized(shape, cursor, around);
    case "window":
      return whole(shape.value, cursor.window(resolve(shape.size, around)), around);
    case "tagged": {
      const tag = Number(integer(shape.tag, cursor));
      const variant = shape.variants.find((candidate) => candidate.tag === tag);
      if (variant === undefined) throw new ShapeError("unknown tag");
      return { kind: variant.kind, ...(read(variant.shape, cursor, around) as object) };
    }
    case "opaque":
      throw new Error(`nothing reads ${shape.meaning}`);
  }
}

function resolve(amount: Amount, around: Values): number {
  if (typeof amount === "number") return amount;
  const terms = Object.entries(amount.fields).map(([name, factor]) => Number(around[name]) * factor);
  return terms.reduce((sum, term) => sum + term, amount.plus);
}

function integer({ size, endian, signed }: IntegerShape, cursor: Cursor): number | bigint {
  const bytes = cursor.take(size);
  if (endian === "little") bytes.reverse();
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const value = BigInt(`0x${digits}`);
  const signedValue = signed ? BigInt.asIntN(8 * size, value) : value;
  return size === 8 ? signedValue : Number(signedValue);
}

function guid(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15];
  return order.map((i) => (i < 0 ? "-" : (bytes[i] as number).toString(16).padStart(2, "0"))).join("");
}

function text({ encoding, characters }: TextShape, cursor: Cursor): string {
  const width = encoding === "ucs2" ? 2 : 1;
  let result = "";
  for (let i = 0; characters === null || i < characters; i++) {
    const [low, high = 0] = cursor.take(width) as unknown as [number, number?];
    const unit = low + 256 * high;
    if (characters === null && unit === 0) return result;
    result += encoding === "ascii" && unit > 0x7f ? "\ufffd" : String.fromCharCode(unit);
  }
  return result;
}

function array({ element, count }: ArrayShape, cursor: Cursor, around: Values): unknown[] {
  const values: unknown[] = [];
  if (count === "toEnd") {
    while (cursor.at < cursor.end) {
      const start = cursor.at;
      values.push(read(element, cursor, around));
      if (cursor.at === start) throw new ShapeError("an element without bytes");
    }
    return values;
  }
  const isCounted = typeof count === "object" && "kind" in count;
  const length = isCounted ? Number(integer(count.integer, cursor)) : resolve(count, around);
  if (isCounted && length > count.limit) throw new ShapeError("too many elements");
  for (let i = 0; i < length; i++) values.push(read(element, cursor, around));
  return values;
}

function sized({ length, value, limit, capacity }: SizedShape, cursor: Cursor, around: Values): unknown {
  const size = Number(integer(length, cursor));
  if (limit !== null && size > limit) throw new ShapeError("too long");
  const place = cursor.window(capacity ?? size);
  return whole(value, place.window(size), around);
}

function whole(shape: Shape, cursor: Cursor, around: Values): unknown {
  const value = read(shape, cursor, around);
  if (cursor.at < cursor.end) throw new ShapeError("bytes are left");
  return value;
}
