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

/** Elements of a fixed size up to the end. A part of an element that is left over is an error. */
export function untilEnd<T>(element: Codec<T>): Codec<readonly T[]> {
  const elementSize = element.size ?? 0;
  if (elementSize === 0) throw new LayoutError("elements up to the end need a fixed size", 0);
  const count = (bytes: number) => array(element, Math.ceil(bytes / elementSize));
  return {
    size: undefined,
    type: `${element.type} up to the end`,
    nested: true,
    decode: (source) => count(source.left).decode(source),
    encode: (sink, values) => array(element, values.length).encode(sink, values),
    toJson: (values) => values.map((value) => element.toJson(value)),
  };
}
