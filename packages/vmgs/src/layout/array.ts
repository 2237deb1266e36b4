import { checkWhole } from "../arguments/index.ts";
import { type Codec, checkCodec, decodePartsBy, type InPlace } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { decodePart } from "./picture.ts";
import { takeList } from "./value-type.ts";

/** Exactly `count` elements, one after the other. */
export function array<T>(element: Codec<T>, count: number): Codec<readonly T[]> {
  checkCodec(element, "element");
  checkWhole(count, "count");
  const size = element.size === undefined ? undefined : element.size * count;
  const at = elementsInPlace(element, count);
  return {
    size,
    type: `${count} x ${element.type}`,
    nested: true,
    at,
    decode: decodePartsBy<readonly T[]>(size, at, (source) => {
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(decodePart(source, `[${i}]`, element));
      return values;
    }),
    encode: (sink, values) => {
      takeList(sink, values);
      if (values.length !== count) {
        throw new LayoutError(`${values.length} elements given, ${count} expected`, sink.grow(0));
      }
      for (const value of values) element.encode(sink, value);
    },
    toJson: (values) => values.map((value) => element.toJson(value)),
  };
}

function elementsInPlace<T>({ at, size }: Codec<T>, count: number): InPlace<readonly T[]> | undefined {
  if (at === undefined || size === undefined) return undefined;
  return (bytes, offset) => {
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(at(bytes, offset + i * size));
    return values;
  };
}
