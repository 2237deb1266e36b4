/** Writes parts while they are made, so that neither a large file nor its rows are in memory as a whole. */

import type { PictureRow } from "vmgskit/format";
import { type CommandContext, type Output, widthOf } from "../context.ts";
import { drawHexdump, escapeJson, type HexdumpPart } from "../terminal/index.ts";

/** Characters that are written at once. */
const CHUNK = 65_536;

/** For people. */
export async function writeParts(context: CommandContext, parts: readonly HexdumpPart[]): Promise<void> {
  const options = { colors: context.colors, width: widthOf(context.stdout) };
  await writeAll(context, textOf(parts, options));
}

function* textOf(parts: readonly HexdumpPart[], options: Parameters<typeof drawHexdump>[1]) {
  for (const part of parts) {
    for (const line of drawHexdump(part, options)) yield `${line}\n`;
    yield "\n";
  }
}

/** One JSON document in one line: the same that `printJson` writes of documents which fit into memory. */
export async function writePartsJson(
  context: CommandContext,
  file: string,
  parts: readonly HexdumpPart[],
): Promise<void> {
  await writeAll(context, jsonOf(file, parts));
}

function* jsonOf(file: string, parts: readonly HexdumpPart[]) {
  yield `{"schema":"vmgs.hexdump/1","file":${json(file)},"parts":[`;
  for (const [i, { title, offset, rows, error }] of parts.entries()) {
    yield `${i === 0 ? "" : ","}{"title":${json(title)},"offset":${offset},"fields":[`;
    yield* rowsJson(rows);
    yield `],"error":${json(error)}}`;
  }
  yield "]}\n";
}

function* rowsJson(rows: Iterable<PictureRow>) {
  let separator = "";
  for (const row of rows) {
    yield separator + json(row);
    separator = ",";
  }
}

const json = (value: unknown) => escapeJson(JSON.stringify(value));

async function writeAll(
  { stdout, signal }: { stdout: Output; signal: AbortSignal },
  pieces: Iterable<string>,
): Promise<void> {
  let waiting: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < CHUNK) continue;
    signal.throwIfAborted();
    await stdout.write(waiting.join(""));
    waiting = [];
    length = 0;
  }
  await stdout.write(waiting.join(""));
}
