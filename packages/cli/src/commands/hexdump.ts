import { BLOCK_SIZE, isEncrypted, isVmgsError, parseFileId, type StoreState, type SyncStore } from "vmgskit";
import {
  extendedFileTable,
  fileTable,
  fileTableEntry,
  HEADER_SIZE,
  header,
  headerOffset,
  type Picture,
  picture,
  VHD_FOOTER_SIZE,
  vhdFooter,
} from "vmgskit/format";
import { openDiskFileSync, type SyncDiskFile } from "vmgskit/node";
import { type CommandContext, widthOf } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdSuggestions,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { printJson } from "../messages.ts";
import { containerOptions, isV1File, openStoreOn, readKey, unlockIfEncrypted } from "../stores.ts";
import { drawHexdump, type HexdumpPart, parseCount, unstructuredPart } from "../terminal/index.ts";

export const hexdump: CommandDeclaration = {
  name: "hexdump",
  summary: "show the bytes of headers, tables, blocks and files with the names of their fields",
  description:
    "Without an option both headers are shown; --table shows the GPT of a version 1 file. The headers, the footer and plain blocks can be shown of any file, also " +
    "of one that can't be opened. Keys are never shown: the extended file table of an encrypted store is shown as stored.",
  args: [storeArgument],
  options: [
    { flags: "--header", meaning: "both headers, field by field" },
    { flags: "--table", meaning: "the file table, entries that are in use, field by field" },
    { flags: "--footer", meaning: "the VHD footer, field by field" },
    { flags: "--block <N>", meaning: "one block" },
    { flags: "--file <ID>", meaning: "the content of a file", complete: fileIdSuggestions },
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
    const parts = (await isV1File(file, options))
      ? await (await import("./v1/hexdump.ts")).collectV1(context, file, options)
      : await collect(context, file, options);
    if (context.json) {
      const shown = parts.map(({ title, offset, rows, error }) => ({ title, offset, fields: rows, error }));
      await printJson(context, "vmgs.hexdump/1", { file, parts: shown });
      return 0;
    }
    const width = widthOf(context.stdout);
    for (const part of parts) {
      const lines = drawHexdump(part, { colors: context.colors, width });
      await context.stdout.write(`${lines.join("\n")}\n\n`);
    }
    return 0;
  },
};

async function collect(context: CommandContext, file: string, options: OptionValues): Promise<HexdumpPart[]> {
  // What was typed wrongly is told before anything is read.
  const block = options.block === undefined ? undefined : parseCount(options.block as string, "--block");
  const fileId = options.file === undefined ? undefined : parseFileId(options.file as string);
  const wantsTable = options.table === true;
  const wantsFooter = options.footer === true;
  const nothing = !wantsTable && !wantsFooter && block === undefined && fileId === undefined;
  const wantsHeaders = options.header === true || nothing;
  const parts: HexdumpPart[] = wantsFooter ? [footer(file)] : [];
  if (!wantsHeaders && !wantsTable && block === undefined && fileId === undefined) return parts;
  using disk = openDiskFileSync(file, containerOptions(options));
  if (wantsHeaders) parts.unshift(...headers(disk));
  if (block !== undefined) checkBlock(disk, block);
  const store = wantsTable || fileId !== undefined ? await openUnlocked(context, disk, options) : null;
  if (wantsTable && store !== null) parts.push(...table(disk, store));
  if (block !== undefined) parts.push(oneBlock(disk, store ?? openIfPossible(disk, options), block));
  if (fileId !== undefined && store !== null) parts.push(oneFile(store, fileId));
  return parts;
}

async function openUnlocked(
  context: CommandContext,
  disk: SyncDiskFile,
  options: OptionValues,
): Promise<SyncStore> {
  const key = options.file === undefined ? undefined : await readKey(context, options);
  const store = openStoreOn(disk, options);
  if (key !== undefined) await unlockIfEncrypted(store, key);
  return store;
}

/** To tell which structure lies in a block; of a store that can't be opened nobody can tell. */
function openIfPossible(disk: SyncDiskFile, options: OptionValues): SyncStore | null {
  try {
    return openStoreOn(disk, options);
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

function structured(title: string, offset: number, { rows, error }: Picture): HexdumpPart {
  return { title, offset, structured: true, rows, error: error?.message ?? null };
}

function headers(disk: SyncDiskFile): HexdumpPart[] {
  return ([0, 1] as const).map((slot) => {
    const offset = headerOffset(slot, disk.sectorSize);
    const bytes = readBytes(disk, offset, Math.min(HEADER_SIZE, disk.byteLength - offset));
    return structured(`header ${slot}`, offset, picture(header, bytes, offset));
  });
}

/** The file is read as a raw image, so that a damaged footer can be looked at too. */
function footer(file: string): HexdumpPart {
  using disk = openDiskFileSync(file, { container: "raw", sectorSize: 512 });
  const offset = disk.byteLength - VHD_FOOTER_SIZE;
  return structured(
    "VHD footer",
    offset,
    picture(vhdFooter, readBytes(disk, offset, VHD_FOOTER_SIZE), offset),
  );
}

function table(disk: SyncDiskFile, { state }: SyncStore): HexdumpPart[] {
  const start = state.header.fileTableOffset * BLOCK_SIZE;
  const bytes = readBytes(disk, start, BLOCK_SIZE);
  return [...state.files.keys()].map((id) => {
    const at = id * (fileTableEntry.size ?? 0);
    const drawn = picture(fileTableEntry, bytes.subarray(at), start + at);
    return structured(`file table entry ${id}`, start + at, drawn);
  });
}

function checkBlock(disk: SyncDiskFile, block: number): void {
  if (block * BLOCK_SIZE < disk.byteLength) return;
  const blocks = Math.ceil(disk.byteLength / BLOCK_SIZE);
  throw new UsageError(`--block: block ${block} is past the end (${blocks} blocks)`);
}

function oneBlock(disk: SyncDiskFile, store: SyncStore | null, block: number): HexdumpPart {
  const offset = block * BLOCK_SIZE;
  const bytes = readBytes(disk, offset, Math.min(BLOCK_SIZE, disk.byteLength - offset));
  switch (store === null ? null : tableAt(store.state, block)) {
    case "fileTable":
      return structured(`block ${block}: fileTable`, offset, picture(fileTable, bytes, offset));
    case "extendedFileTable":
      return structured(
        `block ${block}: extendedFileTable`,
        offset,
        picture(extendedFileTable, bytes, offset),
      );
    case null:
      return unstructuredPart(`block ${block}`, bytes, offset);
  }
}

function tableAt(state: StoreState, block: number): "fileTable" | "extendedFileTable" | null {
  if (block === state.header.fileTableOffset) return "fileTable";
  return !isEncrypted(state) && state.files.get(63)?.block === block ? "extendedFileTable" : null;
}

function oneFile(store: SyncStore, id: number): HexdumpPart {
  return unstructuredPart(`file ${id}`, store.readFile(id));
}

function readBytes(disk: SyncDiskFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(0, length));
  disk.readSync(Math.min(offset, disk.byteLength), bytes);
  return bytes;
}
