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
import { type Codec, checkCodec, type Decoded, decodePartsBy, type InPlace, inPlace } from "./codec.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { noteField } from "./picture.ts";
import type { Source } from "./source.ts";
import { takeObject } from "./value-type.ts";

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
}

const checkFieldOptions = optionsOf({
  words: checkCallback,
  rule: checkCallback,
  level: oneOf(["refuse", "report"]),
  secret: checkFlag,
});

/** A field of a structure. */
export interface Field<T> extends FieldOptions<T> {
  readonly codec: Codec<T>;
  /** One line: what the field holds. */
  readonly meaning: string;
}

/** The fields of a structure by name, in the order of their bytes. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A codec of named fields. */
export interface Struct<F extends Fields> extends Codec<StructValue<F>> {
  readonly name: string;
  readonly fields: F;
  /** Offset of each field from the start of the structure; only for fields behind which all sizes are fixed. */
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
  return { codec, meaning, ...options };
}

/** Declares a structure. The order of the fields is their order in the bytes. */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  checkText(name, "name");
  checkObject(fields, "fields");
  const entries = Object.entries(fields);
  const offsets: Record<string, number> = {};
  let size: number | undefined = 0;
  for (const [key, { codec }] of entries) {
    offsets[key] = size ?? Number.NaN;
    size = size === undefined || codec.size === undefined ? undefined : size + codec.size;
  }

  const decodeField = (source: Source, key: string, declared: Field<unknown>): unknown => {
    const start = source.offset;
    try {
      if (source.rows === undefined) return declared.codec.decode(source);
      source.path.push(key);
      const value = declared.codec.decode(source);
      if (!declared.codec.nested) noteField(source, start, declared, value);
      source.path.pop();
      return value;
    } catch (error) {
      throw error instanceof LayoutError ? error.within(key) : error;
    }
  };

  const at = fieldsInPlace(entries, offsets) as InPlace<StructValue<F>> | undefined;
  return {
    name,
    fields,
    ruled: entries.flatMap(([key, { rule, level = "refuse", codec }]) =>
      rule === undefined
        ? []
        : [{ name: key, offset: offsets[key] as number, level, at: inPlace(codec), rule }],
    ),
    offsets: offsets as Struct<F>["offsets"],
    size,
    type: name,
    nested: true,
    at,
    decode: decodePartsBy(size, at, (source) => {
      const value: Record<string, unknown> = {};
      for (const [key, declared] of entries) value[key] = decodeField(source, key, declared);
      return value as StructValue<F>;
    }),
    encode: (sink, value) => {
      takeObject(sink, value);
      for (const [key, { codec }] of entries) {
        try {
          codec.encode(sink, (value as Record<string, unknown>)[key]);
        } catch (error) {
          throw error instanceof LayoutError ? error.within(key) : error;
        }
      }
    },
    toJson: (value) => {
      const json: { [key: string]: Json } = {};
      for (const [key, { codec, secret }] of entries) {
        if (!secret) json[key] = codec.toJson((value as Record<string, unknown>)[key]);
      }
      return json;
    },
  };
}

/** A structure in place, when all its fields can be read so. */
function fieldsInPlace(
  entries: readonly (readonly [key: string, declared: Field<unknown>])[],
  offsets: Readonly<Record<string, number>>,
): InPlace<Record<string, unknown>> | undefined {
  const places: { key: string; offset: number; at: InPlace<unknown> }[] = [];
  for (const [key, { codec }] of entries) {
    if (codec.at === undefined) return undefined;
    places.push({ key, offset: offsets[key] as number, at: codec.at });
  }
  return (bytes, start) => {
    const value: Record<string, unknown> = {};
    for (const { key, offset, at } of places) value[key] = at(bytes, start + offset);
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

/** Finds what rules say about the structure at `start`. Who calls has made sure that all its bytes are there. */
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
