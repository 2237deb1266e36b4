/** Structures that are read in place: each field is decoded when it is asked for, again each time. */

import { type Decoded, type InPlace, inPlace } from "./codec.ts";
import { Source } from "./source.ts";
import { checkStruct, type Field, type Fields, type Struct, type StructValue } from "./struct.ts";

/** Functions that read single fields; give them the bytes and where the structure begins. */
export type FieldReaders<F extends Fields> = { readonly [K in keyof F]: InPlace<Decoded<F[K]["codec"]>> };

/** Makes the value of a structure from the bytes at `at`, which must stay as they are. */
export type Viewer<F extends Fields> = (bytes: Uint8Array, at?: number) => StructValue<F>;

/** Reads fields of a structure whose size is fixed. Who calls has made sure that all its bytes are there. */
export function fieldReaders<F extends Fields>(declared: Struct<F>): FieldReaders<F> {
  checkStruct(declared, "declared");
  const reader = ([name, { codec }]: [string, Field<unknown>]) => {
    const offset = declared.offsets[name] as number;
    const at = inPlace(codec);
    return [name, (bytes: Uint8Array, start: number) => at(bytes, start + offset)];
  };
  return Object.fromEntries(Object.entries(declared.fields).map(reader)) as FieldReaders<F>;
}

/**
 * A cheap way to hand out structures of fixed size of which few fields are looked at: a scan of thousands of headers.
 * The fields of the value are getters, so that spreading it gives nothing; otherwise it is like a decoded one.
 */
export function viewer<F extends Fields>(declared: Struct<F>): Viewer<F> {
  checkStruct(declared, "declared");
  class StructView extends View {}
  for (const [name, reader] of Object.entries(fieldReaders(declared))) {
    Object.defineProperty(StructView.prototype, name, {
      enumerable: true,
      get(this: View) {
        return this.read(reader);
      },
    });
  }
  return (bytes, at = 0) => {
    new Source(bytes, at).take(declared.size ?? 0);
    return new StructView(bytes, at) as unknown as StructValue<F>;
  };
}

class View {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  read<T>(reader: InPlace<T>): T {
    return reader(this.#bytes, this.#at);
  }
}
