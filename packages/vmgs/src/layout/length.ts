import { refused } from "../arguments/index.ts";
import type { Codec } from "./codec.ts";
import { type IntegerShape, typeOf } from "./shape.ts";

/** The shape of a codec that must be that of an integer: a length, a count, a tag. */
export function integerShape({ shape }: Codec<number>, parameter: string): IntegerShape {
  if (shape.kind === "integer") return shape;
  throw refused(parameter, "the codec of an integer", shape, `that of ${typeOf(shape)}`);
}
