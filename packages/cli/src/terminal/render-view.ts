/** Views as lines of a terminal: the one place that makes their text safe, coloured and as wide as the screen. */

import {
  type Block,
  type EntryBlock,
  type Field,
  formatCount,
  type HexBlock,
  type OfferedAction,
  type OutlineBlock,
  type Section,
  type TableBlock,
  type Text,
  type Tone,
  type View,
} from "vmgskit/report";
import { drawBlockMap } from "./block-map.ts";
import type { Colors } from "./colors.ts";
import { escapeText } from "./escape.ts";
import { bytePart, byteRows, drawHexdump } from "./hexdump.ts";
import { displayWidth, wrapText } from "./wrap.ts";

/** How a view is rendered. */
export interface RenderOptions {
  readonly colors: Colors;
  /** Characters that a line may have; infinite where nothing has a width. */
  readonly width: number;
  /** An action as one complete command that can be pasted. */
  readonly commandOf: (action: OfferedAction["action"]) => string;
  /** Draws a table; loaded only by what has one. */
  readonly formatTable?: typeof import("./table.ts").formatTable;
}

/** Prose gets hard to read above this width. */
const MOST_PROSE = 100;
const INDENT = 2;

/** The lines of a view, each ended. */
export function renderView(view: View, options: RenderOptions): string {
  const lines: string[] = [];
  const { colors } = options;
  const head = [
    ...(view.place === null ? [] : [colors.bold(escapeText(view.place))]),
    ...(view.headline === null ? [] : [paint(view.headline, options)]),
  ].join(": ");
  if (head !== "") lines.push(...wrapped(head, options.width));
  for (const one of view.sections) lines.push(...renderSection(one, options));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

function renderSection({ title, blocks }: Section, options: RenderOptions): string[] {
  const head =
    title === null ? [] : ["", ...wrapped(options.colors.bold(paint(title, options)), options.width)];
  return [...head, ...blocks.flatMap((block) => renderBlock(block, options))];
}

function renderBlock(block: Block, options: RenderOptions): string[] {
  switch (block.kind) {
    case "fields":
      return fieldLines(block.fields, options);
    case "list":
      return block.items.flatMap((item) => indented(paint(item, options), INDENT, INDENT + 2, options));
    case "entry":
      return entryLines(block, options);
    case "actions":
      return block.actions.flatMap((action) => actionLines(action, options));
    case "outline":
      return outlineLines(block, options);
    case "hex":
      return hexLines(block, options);
    case "table":
      return tableLines(block, options);
    case "blockMap": {
      const { rows, legend } = drawBlockMap(block.runs, { ...options, width: options.width - INDENT });
      const lines = [...rows, ...wrapText(legend.join(", "), options.width - INDENT)];
      return lines.map((line) => `${" ".repeat(INDENT)}${line}`);
    }
  }
}

/** Terminals narrower than this get no columns of details. */
const NARROW = 60;

function tableLines(block: TableBlock, options: RenderOptions): string[] {
  const { colors, width, formatTable } = options;
  if (formatTable === undefined) throw new Error("a view with a table needs the table printer");
  const kept = block.columns.map((_, i) => i).filter((i) => width >= NARROW || !block.columns[i]?.detail);
  const columns = kept.flatMap((i) => block.columns[i] ?? []);
  const rows = block.rows.map((row) => kept.map((i) => paint(row[i] ?? "", options)));
  return formatTable(columns, rows, { colors, width }).trimEnd().split("\n");
}

const MARK = 4;
const ITEM_NAME = 14;

function outlineLines({ items }: OutlineBlock, options: RenderOptions): string[] {
  const hasMarks = items.some(({ mark }) => mark !== undefined);
  const indent = hasMarks ? MARK + INDENT : INDENT;
  const below = hasMarks ? indent : INDENT * 2;
  return items.flatMap(({ mark = "", title, details, fields }) => [
    ...hanging(
      `${escapeText(mark).padStart(indent - INDENT)}${" ".repeat(INDENT)}`,
      paint(title, options),
      indent,
      options,
    ),
    ...details.flatMap((detail) => indented(paint(detail, options), below, below, options)),
    ...fieldLines(fields, options, ITEM_NAME, below),
  ]);
}

function hexLines({ bytes, omitted }: HexBlock, { colors, width }: RenderOptions): string[] {
  const indent = " ".repeat(INDENT * 2);
  const part = bytePart("", 0, byteRows(bytes));
  const [, ...lines] = drawHexdump(part, { colors, width: width - indent.length });
  if (omitted > 0) lines.push(`... ${formatCount(omitted, "byte")} more`);
  return lines.map((line) => `${indent}${line}`);
}

const LEAST_NAME = 16;

function fieldLines(
  fields: readonly Field[],
  options: RenderOptions,
  least = LEAST_NAME,
  indent = INDENT,
): string[] {
  return fields.flatMap(({ name, value }) => {
    const label = escapeText(name);
    const padding = " ".repeat(Math.max(0, least - displayWidth(label)));
    const first = `${" ".repeat(indent)}${options.colors.dim(label)}${padding} `;
    return hanging(first, paint(value, options), indent + least + 1, options);
  });
}

const ENTRY_NAME = 9;

function entryLines({ label, name, title, fields, actions }: EntryBlock, options: RenderOptions): string[] {
  const { bold } = options.colors;
  return [
    "",
    `${paint(label, options)} ${escapeText(name)}`,
    ...indented(bold(escapeText(title)), INDENT, INDENT, options),
    ...fieldLines(fields, options, ENTRY_NAME),
    ...actions.flatMap((action) => actionLines(action, options)),
  ];
}

/** The words in prose; the command on a line of its own, uncut, so that it can be pasted. */
function actionLines({ words, action }: OfferedAction, options: RenderOptions): string[] {
  const command = `${" ".repeat(INDENT * 2)}${options.colors.cyan(escapeText(options.commandOf(action)))}`;
  return [...indented(`${escapeText(words)}:`, INDENT, INDENT, options), command];
}

function indented(text: string, first: number, rest: number, options: RenderOptions): string[] {
  return hanging(" ".repeat(first), text, rest, options);
}

/** Text after a beginning; its further lines are indented. */
function hanging(beginning: string, text: string, indent: number, { width }: RenderOptions): string[] {
  const [first = "", ...rest] = wrapped(text, width - Math.max(indent, displayWidth(beginning)));
  return [`${beginning}${first}`, ...rest.map((line) => `${" ".repeat(indent)}${line}`)];
}

function wrapped(text: string, width: number): string[] {
  return wrapText(text, Math.min(width, Number.isFinite(width) ? MOST_PROSE : width));
}

function paint(text: Text, { colors }: RenderOptions): string {
  if (typeof text === "string") return escapeText(text);
  return text
    .map((part) =>
      typeof part === "string" ? escapeText(part) : painter(colors, part.tone)(escapeText(part.text)),
    )
    .join("");
}

function painter(colors: Colors, tone: Tone): (text: string) => string {
  const painters = {
    strong: colors.bold,
    quiet: colors.dim,
    name: colors.cyan,
    good: colors.green,
    warning: colors.yellow,
    bad: colors.red,
  };
  return painters[tone];
}
