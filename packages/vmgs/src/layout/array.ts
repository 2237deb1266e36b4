import type { Codec } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { decodePart } from "./picture.ts";

/** Exactly `count` elements, one after the other. */
export function array<T>(element: Codec<T>, count: number): Codec<readonly T[]> {
  return {
    size: element.size === undefined ? undefined : element.size * count,
    type: `${count} x ${element.type}`,
    nested: true,
    decode: (source) => {
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(decodePart(source, `[${i}]`, element));
      return values;
    },
    encode: (sink, values) => {
      if (values.length !== count) {
        throw new LayoutError(`${values.length} elements given, ${count} expected`, sink.grow(0));
      }
      for (const value of values) element.encode(sink, value);
    },
    toJson: (values) => values.map((value) => element.toJson(value)),
  };
}
