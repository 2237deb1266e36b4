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
  readonly rows: readonly PictureRow[];
  /** Where the bytes stop being what they should. */
  readonly error: string | null;
}

export interface HexdumpOptions {
  readonly colors: Colors;
  /** Characters that a line may have. */
  readonly width: number;
}

/** Bytes in a line. */
const PER_LINE = 16;
const HEX_WIDTH = PER_LINE * 2 + PER_LINE / 4 - 1;
const OFFSET_WIDTH = 8;

export function drawHexdump(part: HexdumpPart, { colors, width }: HexdumpOptions): string[] {
  const names = Math.max(...part.rows.map(({ path }) => path.length), 0);
  const lines = [colors.bold(part.title)];
  for (const row of part.rows) {
    const [first = "", ...rest] = hexLines(row);
    const label = part.structured ? fieldLabel(row, names) : String(row.value);
    const room = width - OFFSET_WIDTH - HEX_WIDTH - 4;
    const start = `${colors.dim(offsetText(row.offset))}  `;
    const below = rest.map((hex, i) => `${colors.dim(offsetText(row.offset + (i + 1) * PER_LINE))}  ${hex}`);
    if (label.length <= room) {
      const shown = part.structured ? colors.cyan(label.slice(0, names)) + label.slice(names) : label;
      lines.push(`${start}${first.padEnd(HEX_WIDTH)}  ${shown}`.trimEnd(), ...below);
    } else {
      const wrapped = wrapText(label.replaceAll(/ {2,}/g, "  "), width - OFFSET_WIDTH - 2);
      const indent = " ".repeat(OFFSET_WIDTH + 2);
      lines.push(`${start}${first}`, ...below, ...wrapped.map((line) => `${indent}${line}`.trimEnd()));
    }
  }
  if (part.error !== null) lines.push(colors.red(escapeText(part.error)));
  return lines;
}

const offsetText = (offset: number) => offset.toString(16).padStart(OFFSET_WIDTH, "0");

/** Hex in groups of four bytes, 16 bytes a line. Long stretches of zeros, and secrets, are told in words. */
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
  // Bytes are told by their hex, and text of zeros is none.
  const isText = typeof value === "string" && !type.endsWith("bytes") && !/^0*$/.test(hex ?? "");
  const shown = typeof value === "number" || isText ? String(value) : "";
  const both = words === null || words === shown ? shown : `${shown} (${words})`.trim();
  return [path.padEnd(names), escapeText(both), meaning].filter((text) => text !== "").join("  ");
}

/** Bytes without fields: lines of 16, with their ASCII characters beside them. */
export function unstructuredPart(title: string, bytes: Uint8Array, base = 0): HexdumpPart {
  const rows: PictureRow[] = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const part = bytes.subarray(at, at + PER_LINE);
    rows.push({
      offset: base + at,
      size: part.length,
      path: "",
      type: "bytes",
      hex: Buffer.from(part).toString("hex"),
      value: Array.from(part, printable).join(""),
      words: null,
      meaning: "",
    });
  }
  return { title, offset: base, structured: false, rows, error: null };
}

const printable = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".");
