/** As many elements as a count before them says, or as the bytes hold. */

import { checkWhole } from "../arguments/index.ts";
import { type Codec, checkCodec, codecOf } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { integerShape } from "./length.ts";
import { decodePart } from "./part.ts";
import { takeList } from "./value-type.ts";

/** A count, then that many elements: a TPML, for example. A count above `max` is refused before anything is read. */
export function list<T>(count: Codec<number>, element: Codec<T>, max: number): Codec<readonly T[]> {
  checkCodec(count, "count");
  checkCodec(element, "element");
  checkWhole(max, "max");
  const countPart = { codec: count, meaning: "elements that follow" };
  const elementPart = { codec: element, meaning: "" };
  const counted = { kind: "count", integer: integerShape(count, "count"), limit: max } as const;
  return codecOf<readonly T[]>(
    { kind: "array", element: element.shape, count: counted },
    {
      decode: (source) => {
        const start = source.offset;
        const length = decodePart(source, "count", countPart);
        if (length > max) throw new LayoutError(`${length} elements are above the limit of ${max}`, start);
        const values: T[] = [];
        for (let i = 0; i < length; i++) values.push(decodePart(source, `[${i}]`, elementPart));
        return values;
      },
      encode: (sink, values) => {
        takeList(sink, values);
        if (values.length > max) {
          throw new LayoutError(`${values.length} elements are above the limit of ${max}`, sink.grow(0));
        }
        count.encode(sink, values.length);
        for (const value of values) element.encode(sink, value);
      },
      toJson: (values) => values.map((value) => element.toJson(value)),
    },
  );
}

/** Elements up to the end of the bytes. Every element must take at least one byte. */
export function untilEnd<T>(element: Codec<T>): Codec<readonly T[]> {
  checkCodec(element, "element");
  const elementPart = { codec: element, meaning: "" };
  return codecOf<readonly T[]>(
    { kind: "array", element: element.shape, count: "toEnd" },
    {
      decode: (source) => {
        const values: T[] = [];
        while (source.left > 0) {
          const start = source.offset;
          values.push(decodePart(source, `[${values.length}]`, elementPart));
          if (source.offset === start) throw new LayoutError("an element takes no bytes", start);
        }
        return values;
      },
      encode: (sink, values) => {
        takeList(sink, values);
        for (const value of values) element.encode(sink, value);
      },
      toJson: (values) => values.map((value) => element.toJson(value)),
    },
  );
}
