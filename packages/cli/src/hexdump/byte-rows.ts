/** Rows of bytes without fields, made while they are drawn: content of any size takes little memory. */

import type { PictureRow } from "vmgskit/format";
import { byteRows } from "../terminal/index.ts";

/** Bytes from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Bytes that can be read piece by piece. */
export interface Readable {
  readonly byteLength: number;
  /** The bytes of a stretch that lies inside. */
  read(stretch: Stretch): Uint8Array;
}

export function readableBytes(bytes: Uint8Array): Readable {
  return { byteLength: bytes.length, read: ({ start, end }) => bytes.subarray(start, end) };
}

/** Bytes that are read at once. */
const PIECE = 65_536;

/** Lines of a stretch of what is read. `base` is the offset of its first byte. */
export function* rowsOf(source: Readable, { start, end }: Stretch, base = 0): Generator<PictureRow> {
  for (let piece = start; piece < end; piece += PIECE) {
    yield* byteRows(source.read({ start: piece, end: Math.min(end, piece + PIECE) }), base + piece);
  }
}

/** Bytes that are not shown. */
export function hiddenRow({ start, end }: Stretch, base: number, meaning: string): PictureRow {
  const size = end - start;
  return {
    offset: base + start,
    size,
    path: "",
    type: `${size} bytes`,
    hex: null,
    value: null,
    words: "secret",
    meaning,
  };
}

/** The rows that lie, at least partly, in a stretch. */
export function* rowsWithin(
  rows: Iterable<PictureRow>,
  { start, end }: Stretch,
  base = 0,
): Generator<PictureRow> {
  for (const row of rows) {
    const at = row.offset - base;
    if (at < end && at + Math.max(row.size, 1) > start) yield row;
  }
}
