/** Reading of a named part: its name goes into errors, and to the listener. */

import type { Codec } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import type { ReadPart, Source } from "./source.ts";

/** What is known of a part; every field of a structure is one. */
export interface Part<T> {
  readonly codec: Codec<T>;
  /** One line: what the part holds. */
  readonly meaning: string;
  /** The value in words. */
  words?(value: T): string;
  /** Never shown. */
  readonly secret?: boolean;
}

/** Reads a part under its name. */
export function decodePart<T>(source: Source, name: string, part: Part<T>): T {
  try {
    if (source.listener === undefined) return part.codec.decode(source);
    const start = source.offset;
    source.listener.enter(name);
    const value = part.codec.decode(source);
    source.listener.leave(partRead(source, start, part, value));
    return value;
  } catch (error) {
    throw error instanceof LayoutError ? error.within(name) : error;
  }
}

function partRead<T>({ bytes, offset }: Source, start: number, part: Part<T>, value: T): ReadPart {
  const { codec, meaning, secret = false } = part;
  return {
    bytes,
    start,
    end: offset,
    shape: codec.shape,
    meaning,
    secret,
    value: () => codec.toJson(value),
    words: () => part.words?.(value) ?? null,
  };
}
