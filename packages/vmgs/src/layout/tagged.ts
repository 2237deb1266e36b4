/** Values of several shapes, distinguished by a number before them: the unions of the TPM, for example. */

import { checkObject, checkText } from "../arguments/index.ts";
import { type Codec, checkCodec, codecOf, type Decoded } from "./codec.ts";
import { hexNumber } from "./hex.ts";
import type { Json } from "./json.ts";
import { LayoutError } from "./layout-error.ts";
import { integerShape } from "./length.ts";
import { decodePart } from "./part.ts";
import type { TaggedShape } from "./shape.ts";
import { takeObject, wrongType } from "./value-type.ts";

/** Variants by their kind. */
export type Variants = Readonly<Record<string, readonly [tag: number, codec: Codec<object>]>>;

/** One of the variants, with its name as `kind`. */
export type Tagged<V extends Variants> = {
  [K in keyof V & string]: { readonly kind: K } & Decoded<V[K][1]>;
}[keyof V & string];

/** Declares a tag and what follows each of its values. Other tags are refused. */
export function tagged<const V extends Variants>(
  name: string,
  tag: Codec<number>,
  variants: V,
): Codec<Tagged<V>> {
  checkText(name, "name");
  checkCodec(tag, "tag");
  checkObject(variants, "variants");
  const byTag = new Map(Object.entries(variants).map(([kind, [value, codec]]) => [value, { kind, codec }]));
  const variant = (kind: string) => variants[kind] as V[string];
  const tagPart = { codec: tag, meaning: "what follows" };
  const shape: TaggedShape = {
    kind: "tagged",
    name,
    tag: integerShape(tag, "tag"),
    variants: Object.entries(variants).map(([kind, [value, codec]]) => ({
      kind,
      tag: value,
      shape: codec.shape,
    })),
  };
  return codecOf<Tagged<V>>(shape, {
    decode: (source) => {
      const start = source.offset;
      const value = decodePart(source, "tag", tagPart);
      const found = byTag.get(value);
      if (found === undefined) throw new LayoutError(`${hexNumber(value)} is not a known ${name}`, start);
      return { kind: found.kind, ...found.codec.decode(source) } as Tagged<V>;
    },
    encode: (sink, value) => {
      takeObject(sink, value);
      if (!Object.hasOwn(variants, value.kind)) throw wrongType(sink, `a known kind of ${name}`, value.kind);
      const [number, codec] = variant(value.kind);
      tag.encode(sink, number);
      codec.encode(sink, value);
    },
    toJson: (value) => ({
      kind: value.kind,
      ...(variant(value.kind)[1].toJson(value) as { [key: string]: Json }),
    }),
  });
}
