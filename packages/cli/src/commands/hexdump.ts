import {
  BLOCK_SIZE,
  isVmgsError,
  openStoreSync,
  parseFileId,
  type StoreState,
  type SyncDisk,
  type SyncStore,
  VmgsError,
} from "vmgskit";
import {
  fileTableEntry,
  HEADER_SIZE,
  header,
  headerOffset,
  type Picture,
  picture,
  VHD_FOOTER_SIZE,
  vhdFooter,
} from "vmgskit/format";
import { nodeCipher } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  fileIdSuggestions,
  GENERATION_OPTION,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { isV1File } from "../guest-states.ts";
import { blockPart, filePart, type Stretch, writeParts, writePartsJson } from "../hexdump/index.ts";
import { openSourceForReading } from "../reading.ts";
import {
  generationOf,
  openStoreOn,
  openSyncDiskForReading,
  readStoreKey,
  unlockIfEncrypted,
} from "../stores.ts";
import { escapeText, type HexdumpPart, parseCount } from "../terminal/index.ts";

export const hexdump: CommandDeclaration = {
  name: "hexdump",
  summary: "show the bytes of headers, tables, blocks and files, with field names",
  description:
    "Without an option both headers are shown; --table shows the GPT of a version 1 file. Headers and footer can be shown of any file, even one that can't be " +
    "opened. Seeds and private keys are hidden: the fields that hold them, whole files that should hold them and can't " +
    "be read, and what may be left of them in free blocks and after the end of files. --raw-secrets shows them.",
  args: [storeArgument],
  options: [
    { flags: "--header", meaning: "both headers, field by field" },
    { flags: "--table", meaning: "the file table, entries that are in use, field by field" },
    { flags: "--footer", meaning: "the VHD footer, field by field" },
    { flags: "--block <N>", meaning: "one block" },
    {
      flags: "--file <ID>",
      meaning: "the content of a file, field by field where they are known",
      complete: fileIdSuggestions,
    },
    { flags: "--offset <N>", meaning: "first byte of the file or block", fallback: "0" },
    { flags: "--length <N>", meaning: "bytes of the file or block", fallback: "to its end" },
    { flags: "--raw-secrets", meaning: "show seeds and private keys too, as bytes without fields" },
    JSON_OPTION,
    KEY_OPTION,
    GENERATION_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs hexdump vm.vmgs --header", meaning: "both headers" },
    { command: "vmgs hexdump vm.vmgs --table", meaning: "the file table" },
    { command: "vmgs hexdump vm.vmgs --file PROVISIONING_MARKER", meaning: "the bytes of a file" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (options.rawSecrets === true) await warnOfSecrets(context, file);
    if (await isV1File(context, file, options)) {
      const { collectV1 } = await import("./v1/hexdump.ts");
      const parts = options.footer === true ? [await footer(context, file, options)] : [];
      await write(context, file, [...parts, ...(await collectV1(context, file, options))]);
      return 0;
    }
    const asked = askedFor(options);
    const parts = asked.footer ? [await footer(context, file, options)] : [];
    if (!asked.headers && !asked.table && asked.block === undefined && asked.fileId === undefined) {
      await write(context, file, parts);
      return 0;
    }
    using disk = await openSyncDiskForReading(context, file, options);
    await write(context, file, [...parts, ...(await collect({ context, file, disk, options }, asked))]);
    return 0;
  },
};

const write = (context: CommandContext, file: string, parts: readonly HexdumpPart[]) =>
  context.json ? writePartsJson(context, file, parts) : writeParts(context, parts);

async function warnOfSecrets({ stderr, json, messageColors }: CommandContext, file: string): Promise<void> {
  if (json) return;
  const message = "--raw-secrets: the output may hold seeds and private keys; keep it as safe as those";
  await stderr.write(`vmgs: ${escapeText(file)}: ${messageColors.yellow("warning:")} ${message}\n`);
}

/** What is shown. */
interface Asked {
  readonly headers: boolean;
  readonly table: boolean;
  readonly footer: boolean;
  readonly block: number | undefined;
  readonly fileId: number | undefined;
  /** The wanted part of a block or file of so many bytes. */
  stretch(byteLength: number): Stretch;
}

/** Mistakes in the options are reported before anything is read. */
function askedFor(options: OptionValues): Asked {
  const count = (name: string) =>
    options[name] === undefined ? undefined : parseCount(options[name] as string, `--${name}`);
  const [block, offset, length] = [count("block"), count("offset"), count("length")];
  const fileId = options.file === undefined ? undefined : parseFileId(options.file as string);
  if ((offset !== undefined || length !== undefined) && (block === undefined) === (fileId === undefined)) {
    throw new UsageError("--offset and --length need either --file or --block");
  }
  const table = options.table === true;
  const footerAsked = options.footer === true;
  const nothing = !table && !footerAsked && block === undefined && fileId === undefined;
  return {
    headers: options.header === true || nothing,
    table,
    footer: footerAsked,
    block,
    fileId,
    stretch: (byteLength) => {
      const start = Math.min(offset ?? 0, byteLength);
      return { start, end: Math.min(byteLength, start + (length ?? byteLength)) };
    },
  };
}

/** The file that is shown, and how. */
interface Shown {
  readonly context: CommandContext;
  readonly file: string;
  readonly disk: SyncDisk;
  readonly options: OptionValues;
}

async function collect(
  shown: Shown,
  { headers: wantsHeaders, table: wantsTable, block, fileId, stretch }: Asked,
): Promise<HexdumpPart[]> {
  const { disk, options } = shown;
  const rawSecrets = options.rawSecrets === true;
  const parts: HexdumpPart[] = wantsHeaders ? headers(disk) : [];
  if (block !== undefined) checkBlock(disk, block);
  const store = wantsTable || fileId !== undefined ? await openUnlocked(shown) : null;
  if (wantsTable && store !== null) parts.push(...table(disk, store));
  if (block !== undefined) {
    const bytes = readBytes(disk, block * BLOCK_SIZE, BLOCK_SIZE);
    const wanted = stretch(bytes.length);
    const states = generations(disk, options);
    parts.push(blockPart({ block, bytes, states, sectorSize: disk.sectorSize, wanted, rawSecrets }));
  }
  if (fileId !== undefined && store !== null) {
    parts.push(await filePart({ disk, store, id: fileId, wanted: stretch, rawSecrets }));
  }
  return parts;
}

/** The generation that is asked for, then the other one, as far as they open. Of what does not open nothing is known. */
function generations(disk: SyncDisk, options: OptionValues): StoreState[] {
  const first = generationOf(options);
  const found: StoreState[] = [];
  for (const generation of [first, first === "current" ? "previous" : "current"] as const) {
    try {
      found.push(openStoreSync(disk, { cipher: nodeCipher, generation }).state);
    } catch (error) {
      if (!isVmgsError(error)) throw error;
      if (generation === first) return [];
    }
  }
  return found;
}

async function openUnlocked({ context, file, disk, options }: Shown): Promise<SyncStore> {
  const key = options.file === undefined ? undefined : await readStoreKey(context, options, file);
  const store = openStoreOn(disk, options);
  if (key !== undefined) await unlockIfEncrypted(store, key);
  return store;
}

function structured(title: string, offset: number, { rows, error }: Picture): HexdumpPart {
  return { title, offset, structured: true, rows, error: error?.message ?? null };
}

function headers(disk: SyncDisk): HexdumpPart[] {
  return ([0, 1] as const).map((slot) => {
    const offset = headerOffset(slot, disk.sectorSize);
    const bytes = readBytes(disk, offset, HEADER_SIZE);
    return structured(`header ${slot}`, offset, picture(header, bytes, offset));
  });
}

/** The end of the whole file, so that a damaged footer can be looked at too. */
async function footer(context: CommandContext, file: string, options: OptionValues): Promise<HexdumpPart> {
  await using source = await openSourceForReading(context, file, options);
  const offset = source.byteLength - VHD_FOOTER_SIZE;
  if (offset < 0)
    throw new VmgsError(
      "VMGS_DISK_SIZE",
      `the file has ${source.byteLength} bytes, a footer ${VHD_FOOTER_SIZE}`,
    );
  const bytes = new Uint8Array(VHD_FOOTER_SIZE);
  await source.read(offset, bytes);
  return structured("VHD footer", offset, picture(vhdFooter, bytes, offset));
}

function table(disk: SyncDisk, { state }: SyncStore): HexdumpPart[] {
  const start = state.header.fileTableOffset * BLOCK_SIZE;
  const bytes = readBytes(disk, start, BLOCK_SIZE);
  return [...state.files.keys()].map((id) => {
    const at = id * (fileTableEntry.size ?? 0);
    const drawn = picture(fileTableEntry, bytes.subarray(at), start + at);
    return structured(`file table entry ${id}`, start + at, drawn);
  });
}

function checkBlock(disk: SyncDisk, block: number): void {
  if (block * BLOCK_SIZE < disk.byteLength) return;
  const blocks = Math.ceil(disk.byteLength / BLOCK_SIZE);
  throw new UsageError(`--block: block ${block} is past the end (${blocks} blocks)`);
}

/** The bytes from `offset` on, at most `length` and as many as the disk has. */
function readBytes(disk: SyncDisk, offset: number, length: number): Uint8Array {
  const start = Math.min(offset, disk.byteLength);
  const bytes = new Uint8Array(Math.max(0, Math.min(length, disk.byteLength - start)));
  disk.readSync(start, bytes);
  return bytes;
}
