/** Text in lines of a width, counted as a terminal shows it: wide characters take two columns, combining ones none. */

import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";

/** Columns that a terminal needs for a line; colours take none. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** Lines of at most `width` columns, cut at spaces where there are any; a longer word is cut. */
export function wrapText(text: string, width: number): string[] {
  const room = Math.max(1, width);
  if (!Number.isFinite(room) || displayWidth(text) <= room) return [text];
  return wrapAnsi(text, room, { hard: true, trim: true }).split("\n");
}
