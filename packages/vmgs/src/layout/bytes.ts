/** Runs of bytes: fixed, as ASCII text, as GUIDs, as many as a field says, or to the end. */

import { checkWhole } from "../arguments/index.ts";
import { checkAmount, resolve } from "./amount.ts";
import { type Codec, codecOf, type FixedCodec, fixedCodecOf, type InPlace } from "./codec.ts";
import { copyBytes } from "./copy.ts";
import { toHex } from "./hex.ts";
import { LayoutError } from "./layout-error.ts";
import type { LinearAmount } from "./shape.ts";
import type { Sink } from "./sink.ts";
import { takeBytes, takeText } from "./value-type.ts";

/**
 * Exactly `size` bytes. The decoded value is a copy; zeros decode to one shared array, because most nonces, tags and
 * reserved fields of a store are zero and a scan decodes thousands of them. Never write into a decoded value.
 */
export function bytes(size: number): FixedCodec<Uint8Array> {
  checkWhole(size, "size");
  let zeros: Uint8Array | undefined;
  const at: InPlace<Uint8Array> = (source, offset) => {
    const end = offset + size;
    if (!hasOnlyZeros(source, offset, end)) return copyBytes(source, offset, end);
    zeros ??= new Uint8Array(size);
    return zeros;
  };
  return fixedCodecOf({ kind: "bytes", size }, at, {
    encode: (sink, value) => appendExactly(sink, value, size),
    toJson: toHex,
  });
}

/** Four bytes at a time: reserved parts are long, and nearly always zero. */
function hasOnlyZeros(source: Uint8Array, start: number, end: number): boolean {
  let i = start;
  for (; i + 4 <= end; i += 4) {
    if (
      ((source[i] as number) |
        (source[i + 1] as number) |
        (source[i + 2] as number) |
        (source[i + 3] as number)) !==
      0
    )
      return false;
  }
  for (; i < end; i++) if (source[i] !== 0) return false;
  return true;
}

/** As many bytes as fields before them say. */
export function bytesOf(size: LinearAmount): Codec<Uint8Array> {
  checkAmount(size, "size");
  return codecOf<Uint8Array>(
    { kind: "bytes", size },
    {
      decode: (source) => {
        const start = source.take(resolve(size, source.fields, source.offset));
        return copyBytes(source.bytes, start, source.offset);
      },
      encode: (sink, value) => appendExactly(sink, value, resolve(size, sink.fields, sink.grow(0))),
      toJson: toHex,
    },
  );
}

function appendExactly(sink: Sink, value: Uint8Array, size: number): void {
  takeBytes(sink, value);
  if (value.length !== size)
    throw new LayoutError(`${value.length} bytes given, ${size} expected`, sink.grow(0));
  sink.append(value);
}

/** Exactly `size` ASCII characters; a byte above 0x7f decodes as U+FFFD. */
export function ascii(size: number): FixedCodec<string> {
  checkWhole(size, "size");
  // Signatures are nearly always the same: the last text is kept, and compared before a new one is made.
  let last = "";
  const at: InPlace<string> = (source, offset) => {
    if (!spells(source, offset, size, last)) last = asciiText(source.subarray(offset, offset + size));
    return last;
  };
  return fixedCodecOf({ kind: "text", encoding: "ascii", characters: size }, at, {
    encode: (sink, value) => {
      takeText(sink, value);
      const offset = sink.grow(size);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant, control characters included
      if (value.length !== size || !/^[\x00-\x7f]*$/.test(value)) {
        throw new LayoutError(`text is not ${size} ASCII characters`, offset);
      }
      for (let i = 0; i < size; i++) sink.at().setUint8(offset + i, value.charCodeAt(i));
    },
    toJson: (value) => value,
  });
}

function spells(source: Uint8Array, offset: number, size: number, text: string): boolean {
  if (text.length !== size) return false;
  for (let i = 0; i < size; i++) if (source[offset + i] !== text.charCodeAt(i)) return false;
  return true;
}

function asciiText(source: Uint8Array): string {
  return Array.from(source, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd")).join("");
}

/** All bytes that are left. */
export const rest: Codec<Uint8Array> = codecOf<Uint8Array>(
  { kind: "bytes", size: "rest" },
  {
    decode: (source) => {
      const offset = source.take(source.left);
      return copyBytes(source.bytes, offset, source.end);
    },
    encode: (sink, value) => {
      takeBytes(sink, value);
      sink.append(value);
    },
    toJson: toHex,
  },
);

/** The GUID that was decoded last: vendors and owners come in runs, and are then one text in memory. */
const lastGuid = { bytes: new Uint8Array(16), text: "00000000-0000-0000-0000-000000000000" };

const guidAt: InPlace<string> = (source, offset) => {
  const last = lastGuid.bytes;
  if (last.every((byte, i) => byte === source[offset + i])) return lastGuid.text;
  for (let i = 0; i < 16; i++) last[i] = source[offset + i] as number;
  const reversed = (from: number, to: number) => toHex(last.slice(from, to).reverse());
  const tail = [toHex(last.subarray(8, 10)), toHex(last.subarray(10))];
  lastGuid.text = [reversed(0, 4), reversed(4, 6), reversed(6, 8), ...tail].join("-");
  return lastGuid.text;
};

/** A GUID as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`; the first three parts are little-endian in the bytes. */
export const guid: FixedCodec<string> = fixedCodecOf<string>({ kind: "guid" }, guidAt, {
  encode: (sink, value) => {
    takeText(sink, value);
    const o = sink.grow(16);
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) {
      throw new LayoutError("text is not a GUID", o);
    }
    const digits = value.replaceAll("-", "");
    const view = sink.at();
    view.setUint32(o, Number.parseInt(digits.slice(0, 8), 16), true);
    view.setUint16(o + 4, Number.parseInt(digits.slice(8, 12), 16), true);
    view.setUint16(o + 6, Number.parseInt(digits.slice(12, 16), 16), true);
    for (let i = 8; i < 16; i++) view.setUint8(o + i, Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
  },
  toJson: (value) => value,
});
