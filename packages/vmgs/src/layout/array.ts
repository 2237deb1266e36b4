import { checkWhole } from "../arguments/index.ts";
import { checkAmount, resolve } from "./amount.ts";
import { type Codec, checkCodec, type InPlace, partsCodecOf } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { decodePart } from "./part.ts";
import type { Amount } from "./shape.ts";
import { takeList } from "./value-type.ts";

/** Exactly `count` elements, one after the other. */
export function array<T>(element: Codec<T>, count: Amount): Codec<readonly T[]> {
  checkCodec(element, "element");
  if (typeof count === "number") checkWhole(count, "count");
  else checkAmount(count, "count");
  const part = { codec: element, meaning: "" };
  const at = typeof count === "number" ? elementsInPlace(element, count) : undefined;
  return partsCodecOf<readonly T[]>({ kind: "array", element: element.shape, count }, at, {
    decode: (source) => {
      const length = resolve(count, source.fields, source.offset);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(decodePart(source, `[${i}]`, part));
      return values;
    },
    encode: (sink, values) => {
      takeList(sink, values);
      const expected = typeof count === "number" ? count : resolve(count, sink.fields, sink.grow(0));
      if (values.length !== expected) {
        throw new LayoutError(`${values.length} elements given, ${expected} expected`, sink.grow(0));
      }
      for (const value of values) element.encode(sink, value);
    },
    toJson: (values) => values.map((value) => element.toJson(value)),
  });
}

function elementsInPlace<T>({ at, size }: Codec<T>, count: number): InPlace<readonly T[]> | undefined {
  if (at === undefined || size === undefined) return undefined;
  return (bytes, offset) => {
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(at(bytes, offset + i * size));
    return values;
  };
}
