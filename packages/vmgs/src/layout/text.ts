/** Text that ends with a NUL. */

import { type Codec, codecOf, type FixedCodec } from "./codec.ts";
import { LayoutError } from "./layout-error.ts";
import { u8, u16 } from "./numbers.ts";
import type { Source } from "./source.ts";
import { takeText } from "./value-type.ts";

/** Characters that are made into text at once: arguments of a call are limited. */
const CHUNK = 4096;

/** Reads characters up to a zero, which is taken but not returned. */
function readUntilNul(source: Source, element: FixedCodec<number>): string {
  const { bytes, end } = source;
  const width = element.size;
  const start = source.offset;
  const chunks: string[] = [];
  // Not added up one by one: such text is kept as the tree of its characters, many times its size.
  let characters: number[] = [];
  for (let at = start; at + width <= end; at += width) {
    const character = element.at(bytes, at);
    if (character === 0) {
      source.take(at + width - start);
      const last = String.fromCharCode(...characters);
      return chunks.length === 0 ? last : chunks.join("") + last;
    }
    characters.push(character);
    if (characters.length < CHUNK) continue;
    chunks.push(String.fromCharCode(...characters));
    characters = [];
  }
  throw new LayoutError("text does not end with a NUL", start);
}

/**
 * UCS-2 little-endian and a NUL. Every 16-bit value except 0 is a character, so unpaired surrogates survive.
 * Text that holds a NUL can't be written.
 */
export const ucs2z: Codec<string> = codecOf<string>(
  { kind: "text", encoding: "ucs2", characters: null },
  {
    decode: (source) => readUntilNul(source, u16),
    encode: (sink, value) => {
      takeText(sink, value);
      const offset = sink.grow(2 * value.length + 2);
      if (value.includes("\0")) throw new LayoutError("text holds a NUL", offset);
      const view = sink.at();
      for (let i = 0; i < value.length; i++) view.setUint16(offset + 2 * i, value.charCodeAt(i), true);
    },
    toJson: (value) => value,
  },
);

/** One byte per character and a NUL. ASCII is meant; bytes from 0x80 are U+0080 to U+00FF, so that none is lost. */
export const asciiz: Codec<string> = codecOf<string>(
  { kind: "text", encoding: "latin1", characters: null },
  {
    decode: (source) => readUntilNul(source, u8),
    encode: (sink, value) => {
      takeText(sink, value);
      const offset = sink.grow(value.length + 1);
      const view = sink.at();
      for (let i = 0; i < value.length; i++) {
        const character = value.charCodeAt(i);
        if (character === 0 || character > 0xff) throw new LayoutError("text is not ASCII", offset);
        view.setUint8(offset + i, character);
      }
    },
    toJson: (value) => value,
  },
);
