/** Bytes as hex, with the names and values of fields beside them, or below them where the line is too narrow. */

import type { PictureRow } from "vmgskit/format";
import type { Colors } from "./colors.ts";
import { escapeText } from "./escape.ts";
import { wrapText } from "./wrap.ts";

/** A stretch of bytes to show. */
export interface HexdumpPart {
  readonly title: string;
  /** Byte offset on the disk, or in the content of a file. */
  readonly offset: number;
  /** False when the rows are lines of 16 bytes, with their ASCII characters as the value. */
  readonly structured: boolean;
  /** May be made while they are drawn, and then only once. */
  readonly rows: Iterable<PictureRow>;
  /** Where the bytes stop being what they should. */
  readonly error: string | null;
}

export interface HexdumpOptions {
  readonly colors: Colors;
  /** Characters that a line may have. */
  readonly width: number;
}

/** Bytes in a line. */
export const PER_LINE = 16;
const HEX_WIDTH = PER_LINE * 2 + PER_LINE / 4 - 1;
const OFFSET_WIDTH = 8;

/** The lines of a part, made one after the other. */
export function* drawHexdump(part: HexdumpPart, { colors, width }: HexdumpOptions): Generator<string> {
  const rows = part.structured ? [...part.rows] : part.rows;
  const names = part.structured ? widestPath(rows) : 0;
  yield colors.bold(part.title);
  for (const row of rows) {
    const [first = "", ...rest] = hexLines(row);
    const label = part.structured ? fieldLabel(row, names) : String(row.value ?? row.meaning);
    const room = width - OFFSET_WIDTH - HEX_WIDTH - 4;
    const start = `${colors.dim(offsetText(row.offset))}  `;
    const below = rest.map((hex, i) => `${colors.dim(offsetText(row.offset + (i + 1) * PER_LINE))}  ${hex}`);
    if (label.length <= room) {
      const shown = part.structured ? colors.cyan(label.slice(0, names)) + label.slice(names) : label;
      yield `${start}${first.padEnd(HEX_WIDTH)}  ${shown}`.trimEnd();
      yield* below;
    } else {
      yield `${start}${first}`;
      yield* below;
      const indent = " ".repeat(OFFSET_WIDTH + 2);
      const wrapped = wrapText(label.replaceAll(/ {2,}/g, "  "), width - OFFSET_WIDTH - 2);
      for (const line of wrapped) yield `${indent}${line}`.trimEnd();
    }
  }
  if (part.error !== null) yield colors.red(escapeText(part.error));
}

function widestPath(rows: Iterable<PictureRow>): number {
  let widest = 0;
  for (const { path } of rows) widest = Math.max(widest, path.length);
  return widest;
}

const offsetText = (offset: number) => offset.toString(16).padStart(OFFSET_WIDTH, "0");

/** Hex in groups of four bytes, 16 bytes a line. Long stretches of zeros, and secrets, are described in words. */
function hexLines({ hex, size }: PictureRow): string[] {
  if (hex === null) return [`(${size} secret bytes)`];
  if (size > PER_LINE && /^0+$/.test(hex)) return [`(${size} zero bytes)`];
  const found: string[] = [];
  for (let at = 0; at < hex.length; at += PER_LINE * 2) {
    found.push((hex.slice(at, at + PER_LINE * 2).match(/.{1,8}/g) ?? []).join(" "));
  }
  return found;
}

function fieldLabel({ path, value, words, meaning, type, hex }: PictureRow, names: number): string {
  // Bytes are shown in hex, and text of zeros is not text.
  const isText = typeof value === "string" && !type.endsWith("bytes") && !/^0*$/.test(hex ?? "");
  const shown = typeof value === "number" || isText ? String(value) : "";
  const both = words === null || words === shown ? shown : `${shown} (${words})`.trim();
  return [path.padEnd(names), escapeText(both), meaning].filter((text) => text !== "").join("  ");
}

/** A line of bytes without fields, with their ASCII characters as the value. */
export function byteRow(bytes: Uint8Array, offset: number): PictureRow {
  return {
    offset,
    size: bytes.length,
    path: "",
    type: "bytes",
    hex: Buffer.from(bytes).toString("hex"),
    value: Array.from(bytes, printable).join(""),
    words: null,
    meaning: "",
  };
}

/** Bytes without fields, in lines. */
export function* byteRows(bytes: Uint8Array, base = 0): Generator<PictureRow> {
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    yield byteRow(bytes.subarray(at, at + PER_LINE), base + at);
  }
}

/** A part of bytes without fields. */
export function bytePart(title: string, offset: number, rows: Iterable<PictureRow>): HexdumpPart {
  return { title, offset, structured: false, rows, error: null };
}

const printable = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");
