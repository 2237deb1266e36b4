import { BLOCK_SIZE, parseFileId, type StoreState, VmgsError } from "vmgskit";
import {
  extendedFileTable,
  fileTable,
  fileTableEntry,
  HEADER_SIZE,
  header,
  headerOffset,
  type Picture,
  type PictureRow,
  picture,
  toHex,
  VHD_FOOTER_SIZE,
  vhdFooter,
} from "vmgskit/format";
import { openDiskFile } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { printJson } from "../messages.ts";
import { containerOptions, withStore } from "../stores.ts";
import { escapeText, parseCount } from "../terminal/index.ts";

export const hexdump: CommandDeclaration = {
  name: "hexdump",
  summary: "show the bytes of headers, tables, blocks and files with the names of their fields",
  description:
    "Without an option both headers are shown. The headers, the footer and plain blocks can be shown of any file, also " +
    "of one that can't be opened. Keys are never shown: the extended file table of an encrypted store is shown as stored.",
  args: [storeArgument],
  options: [
    { flags: "--header", meaning: "both headers, field by field" },
    { flags: "--table", meaning: "the file table, entries that are in use, field by field" },
    { flags: "--footer", meaning: "the VHD footer, field by field" },
    { flags: "--block <N>", meaning: "one block" },
    { flags: "--file <ID>", meaning: "the content of a file" },
    JSON_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs hexdump vm.vmgs --header", meaning: "both headers" },
    { command: "vmgs hexdump vm.vmgs --table", meaning: "the file table" },
    { command: "vmgs hexdump vm.vmgs --file PROVISIONING_MARKER", meaning: "the bytes of a file" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const parts = await collect(context, file, options);
    if (context.json) {
      const shown = parts.map(({ title, offset, rows, error }) => ({ title, offset, fields: rows, error }));
      await printJson(context, "vmgs.hexdump/1", { file, parts: shown });
    } else {
      for (const part of parts) await print(context, part);
    }
    return 0;
  },
};

/** A stretch of bytes to show. Without a structure the rows are lines of 16 bytes. */
interface Part {
  readonly title: string;
  /** Byte offset in the file, or in the content for `--file`. */
  readonly offset: number;
  readonly structured: boolean;
  readonly rows: readonly PictureRow[];
  /** Where the bytes stop being what they should. */
  readonly error: string | null;
}

async function collect(context: CommandContext, file: string, options: OptionValues): Promise<Part[]> {
  const parts: Part[] = [];
  const { block, file: fileId } = options;
  const nothing = !["header", "table", "footer", "block", "file"].some((name) => options[name] !== undefined);
  if (options.header === true || nothing) parts.push(...(await headers(file, options)));
  if (options.footer === true) parts.push(await footer(file, options));
  if (options.table === true) parts.push(...(await table(context, file, options)));
  if (block !== undefined)
    parts.push(await oneBlock(context, file, options, parseCount(block as string, "--block")));
  if (fileId !== undefined) parts.push(await oneFile(context, file, options, fileId as string));
  return parts;
}

function structured(title: string, offset: number, { rows, error }: Picture): Part {
  return { title, offset, structured: true, rows, error: error?.message ?? null };
}

async function headers(file: string, options: OptionValues): Promise<Part[]> {
  await using disk = await openDiskFile(file, containerOptions(options));
  const parts: Part[] = [];
  for (const slot of [0, 1] as const) {
    const offset = headerOffset(slot, disk.sectorSize);
    const bytes = new Uint8Array(HEADER_SIZE);
    await disk.read(offset, bytes);
    parts.push(structured(`header ${slot}`, offset, picture(header, bytes, offset)));
  }
  return parts;
}

async function footer(file: string, options: OptionValues): Promise<Part> {
  // Read as a raw image, so that a damaged footer can be looked at too.
  await using disk = await openDiskFile(file, {
    ...containerOptions(options),
    container: "raw",
    sectorSize: 512,
  });
  const offset = disk.byteLength - VHD_FOOTER_SIZE;
  const bytes = new Uint8Array(VHD_FOOTER_SIZE);
  await disk.read(offset, bytes);
  return structured("VHD footer", offset, picture(vhdFooter, bytes, offset));
}

async function table(context: CommandContext, file: string, options: OptionValues): Promise<Part[]> {
  return withStore(context, file, options, async ({ disk, store }) => {
    const block = store.state.header.fileTableOffset;
    const bytes = new Uint8Array(BLOCK_SIZE);
    await disk.read(block * BLOCK_SIZE, bytes);
    return [...store.state.files.keys()].map((id) => {
      const at = id * (fileTableEntry.size ?? 0);
      const offset = block * BLOCK_SIZE + at;
      return structured(
        `file table entry ${id}`,
        offset,
        picture(fileTableEntry, bytes.subarray(at), offset),
      );
    });
  });
}

async function oneBlock(
  context: CommandContext,
  file: string,
  options: OptionValues,
  block: number,
): Promise<Part> {
  await using disk = await openDiskFile(file, containerOptions(options));
  const offset = block * BLOCK_SIZE;
  const length = Math.min(BLOCK_SIZE, disk.byteLength - offset);
  if (length <= 0) {
    const blocks = Math.ceil(disk.byteLength / BLOCK_SIZE);
    throw new UsageError(`--block: block ${block} is past the end (${blocks} blocks)`);
  }
  const bytes = new Uint8Array(length);
  await disk.read(offset, bytes);
  const structure = await structureOf(context, file, options, block);
  const title = `block ${block}`;
  if (structure === null) return lines(title, bytes, offset);
  const drawn =
    structure === "fileTable" ? picture(fileTable, bytes, offset) : picture(extendedFileTable, bytes, offset);
  return structured(`${title}: ${structure}`, offset, drawn);
}

/** The structure that lies in a block, as far as the store can be opened and tells. */
async function structureOf(context: CommandContext, file: string, options: OptionValues, block: number) {
  try {
    return await withStore(context, file, options, async ({ store }) => tableAt(store.state, block));
  } catch (error) {
    if (error instanceof VmgsError) return null;
    throw error;
  }
}

function tableAt(state: StoreState, block: number): "fileTable" | "extendedFileTable" | null {
  if (block === state.header.fileTableOffset) return "fileTable";
  const extended = state.files.get(63);
  const plain = state.header.encryptionAlgorithm === 0;
  return plain && extended?.block === block ? "extendedFileTable" : null;
}

async function oneFile(
  context: CommandContext,
  file: string,
  options: OptionValues,
  name: string,
): Promise<Part> {
  const id = parseFileId(name);
  const content = await withStore(context, file, options, ({ store }) => store.readFile(id));
  return lines(`file ${id}`, content, 0);
}

const PER_LINE = 16;

function lines(title: string, bytes: Uint8Array, base: number): Part {
  const rows: PictureRow[] = [];
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    const part = bytes.subarray(at, at + PER_LINE);
    const text = Array.from(part, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    ).join("");
    rows.push({
      offset: base + at,
      size: part.length,
      path: "",
      type: "bytes",
      hex: toHex(part),
      value: text,
      words: null,
      meaning: "",
    });
  }
  return { title, offset: base, structured: false, rows, error: null };
}

const HEX_WIDTH = PER_LINE * 2 + PER_LINE / 4 - 1;

async function print(context: CommandContext, part: Part): Promise<void> {
  const { bold, dim, cyan, red } = context.colors;
  const out = [`${bold(part.title)}\n`];
  for (const row of part.rows) {
    const [first = "", ...rest] = hexLines(row);
    const label = part.structured
      ? `${cyan(row.path.padEnd(34))} ${fieldWords(row, dim)}`
      : String(row.value);
    out.push(`${dim(offsetText(row.offset))}  ${first.padEnd(HEX_WIDTH)}  ${label}`.trimEnd(), "\n");
    rest.forEach((line, i) => {
      out.push(`${dim(offsetText(row.offset + (i + 1) * PER_LINE))}  ${line}\n`);
    });
  }
  if (part.error !== null) out.push(`${red(escapeText(part.error))}\n`);
  await context.stdout.write(`${out.join("")}\n`);
}

const offsetText = (offset: number) => offset.toString(16).padStart(8, "0");

/** Hex in groups of four bytes, 16 bytes a line. Long stretches of zeros are told in words by `fieldWords`. */
function hexLines({ hex, size }: PictureRow): string[] {
  if (hex === null) return [`(${size} secret bytes)`];
  if (size > PER_LINE && /^0+$/.test(hex)) return [`(${size} zero bytes)`];
  const found: string[] = [];
  for (let at = 0; at < hex.length; at += PER_LINE * 2) {
    found.push((hex.slice(at, at + PER_LINE * 2).match(/.{1,8}/g) ?? []).join(" "));
  }
  return found;
}

function fieldWords({ value, words, meaning, type }: PictureRow, dim: (text: string) => string): string {
  const shown =
    typeof value === "number"
      ? String(value)
      : typeof value === "string" && !type.endsWith("bytes")
        ? value
        : "";
  const both = words === null || words === shown ? shown : `${shown} (${words})`.trim();
  return [escapeText(both), dim(meaning)].filter((text) => text !== "").join("  ");
}
