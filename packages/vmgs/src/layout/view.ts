/** A structure that is read in place: each field is decoded when it is asked for. */

import type { Codec } from "./codec.ts";
import type { Source } from "./source.ts";
import type { Fields, Struct, StructValue } from "./struct.ts";

/** Makes the value of a structure from the bytes of `source` at `at`, which must stay as they are. */
export type Viewer<F extends Fields> = (source: Source, at?: number) => StructValue<F>;

/**
 * A cheap way to read structures of fixed size of which few fields are looked at: a scan of thousands of headers.
 * The fields of the value are getters, so that spreading it gives nothing; otherwise it is like a decoded one.
 */
export function viewer<F extends Fields>(declared: Struct<F>): Viewer<F> {
  class View {
    readonly #source: Source;
    readonly #at: number;

    constructor(source: Source, at: number) {
      source.offset = at;
      source.take(declared.size ?? 0);
      this.#source = source;
      this.#at = at;
    }

    field(codec: Codec<unknown>, offset: number): unknown {
      this.#source.offset = this.#at + offset;
      return codec.decode(this.#source);
    }
  }
  for (const [name, { codec }] of Object.entries(declared.fields)) {
    const offset = declared.offsets[name] as number;
    Object.defineProperty(View.prototype, name, {
      enumerable: true,
      get(this: View) {
        return this.field(codec, offset);
      },
    });
  }
  return (source, at = 0) => new View(source, at) as unknown as StructValue<F>;
}
