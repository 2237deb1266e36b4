/** Structures: named fields in order, declared once as data. */

import {
  type Check,
  checkCallback,
  checkFlag,
  checkObject,
  checkText,
  having,
  oneOf,
  optionsOf,
} from "../arguments/index.ts";
import { checkSigned } from "./amount.ts";
import type { Bits } from "./bits.ts";
import { type Codec, checkCodec, type Decoded, type InPlace, inPlace, partsCodecOf } from "./codec.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { decodePart, type Part } from "./part.ts";
import { type FieldShape, type StructShape, sizeOf } from "./shape.ts";
import type { Sink } from "./sink.ts";
import { takeObject } from "./value-type.ts";

const checkConstant: Check = (value, name) => {
  if (typeof value === "bigint" || typeof value === "string") return;
  checkSigned(value, name);
};

/** What else is known of a field, beside how it lies in bytes. */
export interface FieldOptions<T> {
  /** The value in words, for the hexdump: `3.0`, `AES-256-GCM`, the names of set bits. */
  words?(value: T): string;
  /** Returns what is wrong with a value, or undefined. Used by `problems`, never by `decode`. */
  rule?(value: T): string | undefined;
  /** `refuse` (default): a reader must not go on. `report`: readable, but not what the format says. */
  readonly level?: "refuse" | "report";
  /** Never shown: not in JSON, not in the hexdump. */
  readonly secret?: boolean;
  /** Carries nothing: reserved, or alignment. */
  readonly padding?: boolean;
  /** The only value that the format allows. Readers do not enforce it: `constant()` makes a rule of it. */
  readonly constant?: number | bigint | string;
  /** Names of values; the words of others are `unknown`. */
  readonly names?: Readonly<Record<number, string>>;
  /** Names of bits; they are the words of the value. */
  readonly bits?: Bits<string>;
}

const checkFieldOptions = optionsOf({
  words: checkCallback,
  rule: checkCallback,
  level: oneOf(["refuse", "report"]),
  secret: checkFlag,
  padding: checkFlag,
  constant: checkConstant,
  names: checkObject,
  bits: having("numbers", "words"),
});

/** A field of a structure. */
export interface Field<T> extends FieldOptions<T>, Part<T> {}

/** The fields of a structure by name, in the order of their bytes. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A codec of named fields. */
export interface Struct<F extends Fields> extends Codec<StructValue<F>> {
  readonly shape: StructShape;
  readonly name: string;
  readonly fields: F;
  /** Offset of each field from the start of the structure; only for fields after which all sizes are fixed. */
  readonly offsets: { readonly [K in keyof F]: number };
  /** The fields that have a rule, in order. */
  readonly ruled: readonly RuledField[];
}

export const checkStruct: Check = having("type", "decode", "encode", "fields");

/** The value of a structure: that of each field, by name. */
export type StructValue<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K]["codec"]> };

/** What judging a field takes. */
export interface RuledField {
  readonly name: string;
  readonly offset: number;
  readonly level: "refuse" | "report";
  readonly at: InPlace<unknown>;
  /** Returns what is wrong with a value, or undefined. */
  readonly rule: (value: unknown) => string | undefined;
}

/** Something that a rule found. */
export interface Problem {
  /** Name of the field. */
  readonly field: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly level: "refuse" | "report";
  readonly message: string;
}

/** Declares one field of a structure. */
export function field<T>(codec: Codec<T>, meaning: string, options: FieldOptions<T> = {}): Field<T> {
  checkCodec(codec, "codec");
  checkText(meaning, "meaning");
  checkFieldOptions(options, "options");
  return { codec, meaning, ...wordsOf(options), ...options };
}

/** What bits and names say of a value. */
function wordsOf<T>({ bits, names }: FieldOptions<T>): Pick<FieldOptions<T>, "words"> {
  if (bits !== undefined) return { words: (value) => bits.words(value as number) };
  return names === undefined ? {} : { words: (value) => names[value as number] ?? "unknown" };
}

/**
 * The options of a field that has one value only: another one is refused.
 *
 * @param show the value in words, for messages
 */
export function constant<T extends number | bigint | string>(
  expected: T,
  show: (value: T) => string = String,
): Pick<FieldOptions<T>, "rule"> & { readonly constant: T } {
  checkConstant(expected, "expected");
  checkCallback(show, "show");
  const isText = typeof expected === "string";
  const wrong = (value: T) => (isText ? `is not ${expected}` : `is ${show(value)}, not ${show(expected)}`);
  return { constant: expected, rule: (value) => (value === expected ? undefined : wrong(value)) };
}

/** Declares a structure. The order of the fields is their order in the bytes. */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  checkText(name, "name");
  checkObject(fields, "fields");
  const entries = Object.entries(fields);
  const shape: StructShape = { kind: "struct", name, fields: entries.map(fieldShape) };
  const offsets = offsetsOf(shape);
  const at = fieldsInPlace(entries, offsets) as InPlace<StructValue<F>> | undefined;
  const isFixed = sizeOf(shape) !== undefined;
  const codec = partsCodecOf<StructValue<F>>(shape, at, {
    decode: (source) => {
      const value: Record<string, unknown> = {};
      const around = source.fields;
      source.fields = value;
      for (const [key, declared] of entries) value[key] = decodePart(source, key, declared);
      source.fields = around;
      return value as StructValue<F>;
    },
    encode: (sink, value) => {
      takeObject(sink, value);
      const around = sink.fields;
      if (!isFixed) sink.fields = value;
      for (const [key, declared] of entries) encodeField(sink, key, declared, value);
      sink.fields = around;
    },
    toJson: (value) => {
      const json: { [key: string]: Json } = {};
      for (const [key, { codec, secret }] of entries) {
        if (!secret) json[key] = codec.toJson((value as Record<string, unknown>)[key]);
      }
      return json;
    },
  });
  return {
    ...codec,
    shape,
    name,
    fields,
    offsets: offsets as Struct<F>["offsets"],
    ruled: entries.flatMap(([key, declared]) => ruledField(key, declared, offsets[key] as number)),
  };
}

/** Offset of each field, NaN after one whose size is not fixed. */
function offsetsOf({ fields }: StructShape): Record<string, number> {
  const offsets: Record<string, number> = {};
  let at = 0;
  for (const { name, shape } of fields) {
    offsets[name] = at;
    at += sizeOf(shape) ?? Number.NaN;
  }
  return offsets;
}

function fieldShape([name, declared]: readonly [string, Field<unknown>]): FieldShape {
  const { codec, meaning, secret = false, padding = false, constant = null, names = null, bits } = declared;
  const bitNumbers = bits?.numbers ?? null;
  return {
    name,
    shape: codec.shape,
    doc: meaning,
    secret,
    padding,
    constant,
    enumeration: names,
    bits: bitNumbers,
  };
}

function ruledField(name: string, declared: Field<unknown>, offset: number): RuledField[] {
  const { rule, level = "refuse", codec } = declared;
  return rule === undefined ? [] : [{ name, offset, level, at: inPlace(codec), rule }];
}

function encodeField(sink: Sink, key: string, { codec }: Field<unknown>, value: object): void {
  try {
    codec.encode(sink, (value as Record<string, unknown>)[key]);
  } catch (error) {
    throw error instanceof LayoutError ? error.within(key) : error;
  }
}

/** Makes plain objects as `{}` does. One constructor for each structure lets the engine keep their fields in place. */
function plainConstructor(): new () => Record<string, unknown> {
  function Value() {}
  Value.prototype = Object.prototype;
  return Value as unknown as new () => Record<string, unknown>;
}

interface Place {
  readonly key: string;
  readonly offset: number;
  readonly at: InPlace<unknown>;
}

/** A structure in place, when all its fields can be read so. */
function fieldsInPlace(
  entries: readonly (readonly [key: string, declared: Field<unknown>])[],
  offsets: Readonly<Record<string, number>>,
): InPlace<Record<string, unknown>> | undefined {
  const places: Place[] = [];
  for (const [key, { codec }] of entries) {
    if (codec.at === undefined) return undefined;
    places.push({ key, offset: offsets[key] as number, at: codec.at });
  }
  const Value = plainConstructor();
  return (bytes, start) => {
    const value = new Value();
    for (let i = 0; i < places.length; i++) {
      const { key, offset, at } = places[i] as Place;
      value[key] = at(bytes, start + offset);
    }
    return value;
  };
}

/** What the rules of a structure's own fields say about a value, in the order of the fields. */
export function problems<F extends Fields>(declared: Struct<F>, value: StructValue<F>): Problem[] {
  checkStruct(declared, "declared");
  checkObject(value, "value");
  const found: Problem[] = [];
  for (const ruled of declared.ruled) judge(ruled, (value as Record<string, unknown>)[ruled.name], found);
  return found;
}

/** Finds what rules say about the structure at `start`. The caller has made sure that all its bytes are there. */
export type ProblemFinder = (bytes: Uint8Array, start: number) => Problem[];

/** The same about structures of fixed size in place; nothing is decoded but what the rules look at. */
export function problemFinder<F extends Fields>(declared: Struct<F>): ProblemFinder {
  checkStruct(declared, "declared");
  const { ruled: all } = declared;
  return (bytes, start) => {
    const found: Problem[] = [];
    for (const ruled of all) judge(ruled, ruled.at(bytes, start + ruled.offset), found);
    return found;
  };
}

function judge({ name, offset, level, rule }: RuledField, value: unknown, found: Problem[]): void {
  const message = rule(value);
  if (message !== undefined) found.push({ field: name, offset, level, message });
}
