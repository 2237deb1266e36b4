import type { Codec } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { noteField } from "./picture.ts";

/** Exactly `count` elements, one after the other. */
export function array<T>(element: Codec<T>, count: number): Codec<readonly T[]> {
  return {
    size: element.size === undefined ? undefined : element.size * count,
    type: `${count} x ${element.type}`,
    nested: true,
    decode: (source) => {
      const values: T[] = [];
      for (let i = 0; i < count; i++) {
        const start = source.offset;
        try {
          if (source.rows === undefined) {
            values.push(element.decode(source));
            continue;
          }
          source.path.push(`[${i}]`);
          const value = element.decode(source);
          if (!element.nested) noteField(source, start, { codec: element, meaning: "" }, value);
          source.path.pop();
          values.push(value);
        } catch (error) {
          throw error instanceof LayoutError ? error.within(`[${i}]`) : error;
        }
      }
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
