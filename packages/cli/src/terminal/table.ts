/** Tables that fit the terminal. Loaded only by what prints one. */

import CliTable from "cli-table3";
import type { Colors } from "./colors.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
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
  middle: "  ",
};

/** Lines of a table without rules, indented by two. Cells must be safe text. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): string {
  const table = new CliTable({
    head: columns.map(({ title }) => colors.dim(title)),
    colAligns: columns.map(({ align = "left" }) => align),
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table.toString().split("\n");
  return lines.map((line) => `  ${line.trimEnd()}\n`).join("");
}
