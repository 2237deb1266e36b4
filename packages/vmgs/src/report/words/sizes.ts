/** Sizes and counts as people read them. */

import { checkInteger, checkText, checkWhole } from "../../arguments/index.ts";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `190 bytes`, `32 KiB`, `1.5 MiB`. */
export function formatSize(bytes: number | bigint): string {
  checkInteger(bytes, "bytes");
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return unit === 0 && value === 1 ? "1 byte" : `${digits} ${UNITS[unit]}`;
}

/** `1 file`, `3 files`. */
export function formatCount(count: number, noun: string): string {
  checkWhole(count, "count");
  checkText(noun, "noun");
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** Characters of one value above which a view shows its beginning only. */
const MOST_SHOWN = 400;

/** Text of a bounded length, for values that someone else wrote. */
export function clip(text: string, most: number = MOST_SHOWN): string {
  checkText(text, "text");
  checkWhole(most, "most");
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length} characters)`;
}
