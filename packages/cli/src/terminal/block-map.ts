/** The block map: one glyph a block, 64 blocks a row, with a legend. */

import { BLOCK_SIZE, FileId, fileIdName, type OwnedRun } from "vmgskit";
import type { Colors } from "./colors.ts";

const PER_ROW = 64;
/** Free rows in a series above which they are drawn as one. */
const MOST_EQUAL_ROWS = 2;
const FREE = ".";
const OWN_GLYPHS: Readonly<Record<number, string>> = {
  [FileId.FILE_TABLE]: "T",
  [FileId.EXTENDED_FILE_TABLE]: "E",
};
const FILE_GLYPHS = "0123456789abcdefghijklmnopqrstuvwxyzABCDFGIJKLMNOPQRSUVWXYZ@&%$+=~";

export interface BlockMapDrawing {
  /** `   0  HHTE…`, one row each; long stretches of equal rows are drawn as one line. */
  readonly rows: readonly string[];
  /** `H headers`, one entry for each glyph that is used. */
  readonly legend: readonly string[];
}

export function drawBlockMap(blocks: readonly OwnedRun[], colors: Colors): BlockMapDrawing {
  const glyphs = glyphsOf(blocks);
  const capacity = Math.max(0, ...blocks.map((run) => run.block + run.blocks));
  const digits = String(capacity).length;
  const rows: string[] = [];
  for (let start = 0; start < capacity; ) {
    const series = freeRowsFrom(blocks, start, capacity);
    const at = String(start).padStart(digits);
    if (series > MOST_EQUAL_ROWS) {
      rows.push(`${colors.dim(at)}  ${colors.dim(FREE.repeat(PER_ROW))}  x ${series}`);
      start += series * PER_ROW;
      continue;
    }
    rows.push(`${colors.dim(at)}  ${paint(rowGlyphs(blocks, glyphs, start, capacity), colors)}`);
    start += PER_ROW;
  }
  return {
    rows,
    legend: legendOf(
      glyphs,
      rows.some((row) => row.includes("!")),
    ),
  };
}

/** How many whole rows from `start` on are free. */
function freeRowsFrom(blocks: readonly OwnedRun[], start: number, capacity: number): number {
  const run = blocks.find(
    ({ owner, block, blocks: size }) => owner === "free" && block <= start && start < block + size,
  );
  if (run === undefined) return 0;
  const end = Math.min(run.block + run.blocks, capacity);
  return Math.floor((end - start) / PER_ROW);
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

function rowGlyphs(blocks: readonly OwnedRun[], glyphs: Glyphs, start: number, capacity: number): string {
  const row: string[] = Array.from({ length: Math.min(PER_ROW, capacity - start) }, () => FREE);
  for (const { block, blocks: size, owner } of blocks) {
    if (owner === "free") continue;
    for (let at = Math.max(block, start); at < Math.min(block + size, start + row.length); at++) {
      // A block with two owners is a fault, and is drawn as one.
      row[at - start] = row[at - start] === FREE ? (glyphs.get(owner) ?? "#") : "!";
    }
  }
  return row.join("");
}

function paint(row: string, colors: Colors): string {
  return row.replaceAll(/\.+|[HTE]+|!+|[^.HTE!]+/g, (part) => {
    if (part.startsWith(FREE)) return colors.dim(part);
    if (part.startsWith("!")) return colors.red(part);
    return /^[HTE]/.test(part) ? colors.yellow(part) : colors.cyan(part);
  });
}

function legendOf(glyphs: Glyphs, shared: boolean): string[] {
  const legend = [...glyphs].map(([owner, glyph]) => `${glyph} ${nameOf(owner)}`);
  return shared ? [...legend, "! two owners"] : legend;
}

function nameOf(owner: OwnedRun["owner"]): string {
  if (owner === "header") return "headers";
  if (owner === "free") return `free (${BLOCK_SIZE} bytes a block)`;
  return fileIdName(owner) ?? `file ${owner}`;
}
