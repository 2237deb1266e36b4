/** The block map: one glyph a block, 64 blocks a row, with a legend. */

import { BLOCK_SIZE, FileId, fileIdName, type OwnedRun } from "vmgskit";
import type { Colors } from "./colors.ts";

const PER_ROW = 64;
/** Rows with one owner in a series above which they are drawn as one. */
const MOST_EQUAL_ROWS = 2;
const FREE = ".";
const SHARED = "!";
const OWN_GLYPHS: Readonly<Record<number, string>> = {
  [FileId.FILE_TABLE]: "T",
  [FileId.EXTENDED_FILE_TABLE]: "E",
};
const FILE_GLYPHS = "0123456789abcdefghijklmnopqrstuvwxyzABCDFGIJKLMNOPQRSUVWXYZ@&%$+=~";

export interface BlockMapOptions {
  readonly colors: Colors;
  /** Characters that a row may have; half of the blocks, and so on, go into a row that would be wider. */
  readonly width: number;
}

export interface BlockMapDrawing {
  /** `   0  HHTE…`, one row each; long stretches of one owner are drawn as one row, `x15` after it. */
  readonly rows: readonly string[];
  /** `H headers`, one entry for each glyph that is used. */
  readonly legend: readonly string[];
}

export function drawBlockMap(
  blocks: readonly OwnedRun[],
  { colors, width }: BlockMapOptions,
): BlockMapDrawing {
  const glyphs = glyphsOf(blocks);
  const capacity = Math.max(0, ...blocks.map((run) => run.block + run.blocks));
  const digits = String(capacity).length;
  let perRow = PER_ROW;
  const widest = () => digits + 2 + perRow + repeats(Math.ceil(capacity / perRow)).length;
  while (perRow > 8 && widest() > width) perRow /= 2;
  const rows: string[] = [];
  let shared = false;
  for (let start = 0; start < capacity; ) {
    const row = rowGlyphs(blocks, glyphs, start, Math.min(perRow, capacity - start));
    const series = equalRowsFrom(blocks, start, perRow);
    const repeated = series > MOST_EQUAL_ROWS;
    const times = repeated ? repeats(series) : "";
    rows.push(`${colors.dim(String(start).padStart(digits))}  ${paint(row, colors)}${times}`);
    shared ||= row.includes(SHARED);
    start += repeated ? series * perRow : perRow;
  }
  return { rows, legend: legendOf(glyphs, shared) };
}

const repeats = (rows: number) => ` x${rows}`;

/** How many whole rows from `start` on have one owner, the same in all of them. */
function equalRowsFrom(blocks: readonly OwnedRun[], start: number, perRow: number): number {
  const run = blocks.find(({ block, blocks: size }) => block <= start && start < block + size);
  if (run === undefined) return 0;
  const others = blocks.filter((other) => other !== run && other.block + other.blocks > start);
  const end = Math.min(run.block + run.blocks, ...others.map(({ block }) => Math.max(block, start)));
  return Math.floor((end - start) / perRow);
}

type Glyphs = ReadonlyMap<OwnedRun["owner"], string>;

function glyphsOf(blocks: readonly OwnedRun[]): Glyphs {
  const glyphs = new Map<OwnedRun["owner"], string>([
    ["header", "H"],
    ["free", FREE],
  ]);
  const owners = blocks.map(({ owner }) => owner).filter((owner) => typeof owner === "number");
  let next = 0;
  for (const fileId of [...owners].sort((a, b) => a - b)) {
    if (!glyphs.has(fileId)) glyphs.set(fileId, OWN_GLYPHS[fileId] ?? FILE_GLYPHS[next++] ?? "#");
  }
  return glyphs;
}

function rowGlyphs(blocks: readonly OwnedRun[], glyphs: Glyphs, start: number, length: number): string {
  const row: string[] = Array.from({ length }, () => FREE);
  for (const { block, blocks: size, owner } of blocks) {
    if (owner === "free") continue;
    for (let at = Math.max(block, start); at < Math.min(block + size, start + row.length); at++) {
      // A block with two owners is a fault, and is drawn as one.
      row[at - start] = row[at - start] === FREE ? (glyphs.get(owner) ?? "#") : SHARED;
    }
  }
  return row.join("");
}

function paint(row: string, colors: Colors): string {
  return row.replaceAll(/\.+|[HTE]+|!+|[^.HTE!]+/g, (part) => {
    if (part.startsWith(FREE)) return colors.dim(part);
    if (part.startsWith(SHARED)) return colors.red(part);
    return /^[HTE]/.test(part) ? colors.yellow(part) : colors.cyan(part);
  });
}

function legendOf(glyphs: Glyphs, shared: boolean): string[] {
  const legend = [...glyphs].map(([owner, glyph]) => `${glyph} ${nameOf(owner)}`);
  return shared ? [...legend, `${SHARED} two owners`] : legend;
}

function nameOf(owner: OwnedRun["owner"]): string {
  if (owner === "header") return "headers";
  if (owner === "free") return `free (${BLOCK_SIZE} bytes a block)`;
  return fileIdName(owner) ?? `file ${owner}`;
}
