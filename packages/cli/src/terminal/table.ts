/** Tables that fit the terminal. Loaded only by what prints one. */

import CliTable from "cli-table3";
import type { Colors } from "./colors.ts";
import { displayWidth, wrapText } from "./wrap.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

export interface TableOptions {
  readonly colors: Colors;
  /** Characters that a line may have. */
  readonly width: number;
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
};

const INDENT = "  ";
/** No column is made narrower by cutting words. */
const LEAST = 8;

/** Lines of a table without rules, indented by two. Cells must be safe text. Columns without content are left out. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { colors, width }: TableOptions,
): string {
  const isUsed = (i: number) => rows.length === 0 || rows.some((row) => row[i] !== "");
  const used = columns.map((_, i) => i).filter(isUsed);
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => used.map((i) => row[i] ?? ""));
  const { widths, gap } = fit(cells, width - INDENT.length);
  const [head = [], ...body] = cells.map((row) => row.map((cell, i) => wrapText(cell, widths[i] ?? 1)));
  const table = new CliTable({
    head: head.map((lines) => lines.map((line) => colors.dim(line)).join("\n")),
    colAligns: used.map((i) => columns[i]?.align ?? "left"),
    chars: { ...NO_LINES, middle: " ".repeat(gap) },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of body) table.push(row.map((lines) => lines.join("\n")));
  const lines = table.toString().split("\n");
  return lines.map((line) => `${INDENT}${line.trimEnd()}\n`).join("");
}

/** Widths of the columns: as they are, else cut at spaces, else with a smaller gap, else with words cut. */
function fit(cells: readonly (readonly string[])[], width: number): { widths: number[]; gap: number } {
  const natural = longest(cells, displayWidth);
  const words = longest(cells, (cell) => largest(cell.split(" ").map(displayWidth)));
  const cut = words.map((size) => Math.min(size, LEAST));
  for (const [least, gap] of [
    [words, 2],
    [words, 1],
    [cut, 1],
  ] as const) {
    const widths = shrink(natural, least, width - gap * (natural.length - 1));
    if (widths !== undefined) return { widths, gap };
  }
  return { widths: cut, gap: 1 };
}

function longest(cells: readonly (readonly string[])[], size: (cell: string) => number): number[] {
  return (cells[0] ?? []).map((_, i) => Math.max(1, largest(cells.map((row) => size(row[i] ?? "")))));
}

/** Not by spreading: a call takes so many arguments and no more, a table any number of rows. */
function largest(sizes: readonly number[]): number {
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}

/** Makes the widest columns narrower until all fit `room`, or returns undefined when they can't. */
function shrink(natural: readonly number[], least: readonly number[], room: number): number[] | undefined {
  const widths = [...natural];
  const total = () => widths.reduce((sum, size) => sum + size, 0);
  while (total() > room) {
    const slack = widths.map((size, i) => (size > (least[i] ?? 0) ? size : 0));
    const widest = largest(slack);
    if (widest === 0) return undefined;
    widths[slack.indexOf(widest)] = widest - 1;
  }
  return widths;
}
