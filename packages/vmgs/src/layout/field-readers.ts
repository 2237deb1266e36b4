/** Single fields of structures, read in place. */

import { type Decoded, type InPlace, inPlace } from "./codec.ts";
import { checkStruct, type Field, type Fields, type Struct } from "./struct.ts";

/** Functions that read single fields; give them the bytes and where the structure begins. */
export type FieldReaders<F extends Fields> = { readonly [K in keyof F]: InPlace<Decoded<F[K]["codec"]>> };

/** Reads fields of a structure whose size is fixed. The caller has made sure that all its bytes are there. */
export function fieldReaders<F extends Fields>(declared: Struct<F>): FieldReaders<F> {
  checkStruct(declared, "declared");
  const reader = ([name, { codec }]: [string, Field<unknown>]) => {
    const offset = declared.offsets[name] as number;
    const at = inPlace(codec);
    return [name, (bytes: Uint8Array, start: number) => at(bytes, start + offset)];
  };
  return Object.fromEntries(Object.entries(declared.fields).map(reader)) as FieldReaders<F>;
}
