import { stat } from "node:fs/promises";
import { BLOCK_SIZE, describeFileId } from "vmgskit";
import { nodeCipher, takeWriteLock, type WriteLock, writeConversion } from "vmgskit/node";
import { type Conversion, planConversion } from "vmgskit/recovery";
import type { CommandContext } from "../context.ts";
import {
  BACKUP_OPTION,
  type CommandDeclaration,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { aboutHostFile, checkHostPath } from "../host-files.ts";
import { print, printJson, reportWarnings, say } from "../messages.ts";
import { type BrokenDisk, containerWarnings, openBroken } from "../recovery-disks.ts";
import { readStoreKey } from "../stores.ts";
import { makeBackup } from "../stores-for-change.ts";
import { escapeText, formatSize, parseSize } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

export const convert: CommandDeclaration = {
  name: "convert",
  summary: "make a raw image of a VHD, a VHD of a raw image, or a store of another size",
  description:
    "Writes a new file; the old one stays as it is. --in-place replaces the old file with the new one in one step, " +
    "after a backup. Old generations and free blocks are also copied. A smaller size is refused when files lie after " +
    "the new end, unless --move lets one transaction move them; encrypted ones need the key. A file whose VHD footer is " +
    "broken can be converted as well.",
  args: [
    storeArgument,
    { name: "OUT", meaning: "the new file; it must not exist", required: false, output: true },
  ],
  options: [
    { flags: "--to <KIND>", meaning: "container of the new file; else as it is", choices: ["vhd", "raw"] },
    { flags: "--new-size <SIZE>", meaning: "size of the new store: bytes, or with K, M, G; else as it is" },
    {
      flags: "--new-sector-size <BYTES>",
      meaning: "sector size of a new raw image; it decides where the second header lies",
      choices: ["512", "4096"],
    },
    { flags: "--move", meaning: "move files that lie after the end of a smaller store" },
    { flags: "--in-place", meaning: "replace the old file with the new one; needs --backup" },
    BACKUP_OPTION,
    { flags: "--dry-run", meaning: "show what would be done; write nothing" },
    KEY_OPTION,
    JSON_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs convert vm.vmgs vm.raw --to raw", meaning: "drop the VHD footer" },
    { command: "vmgs convert vm.raw vm.vmgs --to vhd", meaning: "add a VHD footer" },
    {
      command: "vmgs convert vm.vmgs --new-size 8M --in-place --backup vm.bak",
      meaning: "more room in the same file",
    },
  ],
  async run(context, args, options) {
    const [file, out] = args as [string, string | undefined];
    checkCall(out, options);
    const size = options.newSize === undefined ? undefined : storeSize(options.newSize as string);
    const key = await readStoreKey(context, options, file);
    const inPlace = options.inPlace === true;
    await using lock = inPlace && options.dryRun !== true ? await takeWriteLock(file) : null;
    await using disk = await openBroken(context, file, options);
    const warnings = containerWarnings(disk);
    await reportWarnings(context, warnings, file);
    const sectorSize = Number(options.newSectorSize) === 4096 ? 4096 : 512;
    const conversion = await planConversion(disk, {
      cipher: nodeCipher,
      move: options.move === true,
      keepIdentity: inPlace,
      ...(options.to !== undefined && { container: options.to as "vhd" | "raw" }),
      ...(size !== undefined && { byteLength: size }),
      ...(options.newSectorSize !== undefined && { sectorSize }),
      ...(key && { key }),
    });
    if (options.dryRun !== true) await execute(context, file, out, options, disk, conversion, lock);
    await report(context, { file, out: out ?? file, options, conversion, warnings });
    return 0;
  },
};

const SMALLEST = 4 * BLOCK_SIZE;

/** What no store can have is the caller's mistake, not the file's. */
function storeSize(text: string): number {
  const bytes = parseSize(text, "--new-size");
  if (bytes < SMALLEST) {
    throw new UsageError(
      `--new-size: ${bytes} bytes are below the ${SMALLEST} that a store needs`,
      "4M is usual",
    );
  }
  if (bytes % 512 === 0) return bytes;
  throw new UsageError(`--new-size: ${bytes} bytes are not a multiple of 512`, "4M is usual");
}

function checkCall(out: string | undefined, options: OptionValues): void {
  const { inPlace, backup, dryRun } = options;
  if (inPlace === true && out !== undefined) throw new UsageError("--in-place and OUT exclude each other");
  if (inPlace !== true && out === undefined)
    throw new UsageError("OUT is missing", "or --in-place --backup FILE");
  if (inPlace === true && backup === undefined && dryRun !== true) {
    throw new UsageError("--in-place needs --backup FILE");
  }
  if (inPlace !== true && backup !== undefined) throw new UsageError("--backup goes with --in-place only");
  if (out !== undefined) checkHostPath(out, "the output file");
}

async function execute(
  context: CommandContext,
  file: string,
  out: string | undefined,
  options: OptionValues,
  disk: BrokenDisk,
  conversion: Conversion,
  lock: WriteLock | null,
): Promise<void> {
  const { signal } = context;
  if (out !== undefined) {
    const like = await stat(file);
    const write = () => writeConversion(disk, conversion, out, { signal, like });
    await aboutHostFile(out, "the output file", write);
    context.changes.done(out, null);
    return;
  }
  await makeBackup(file, options);
  await lock?.verify();
  await writeConversion(disk, conversion, file, { signal, replace: true });
  context.changes.done(file, null);
}

interface Report {
  readonly file: string;
  readonly out: string;
  readonly options: OptionValues;
  readonly conversion: Conversion;
  readonly warnings: readonly object[];
}

async function report(
  context: CommandContext,
  { file, out, options, conversion, warnings }: Report,
): Promise<void> {
  const { container, sectorSize, byteLength, fileBytes, moved, notes } = conversion;
  const dryRun = options.dryRun === true;
  if (context.json) {
    const facts = { container, sectorSize, storeBytes: byteLength, bytes: fileBytes, moved, notes };
    await printJson(context, "vmgs.convert/1", { file, out, dryRun, ...facts, warnings });
    return;
  }
  const kind = container === "vhd" ? "fixed VHD" : "raw image";
  const facts = `${kind}, store of ${formatSize(byteLength)}, ${sectorSize}-byte sectors`;
  const line = `${escapeText(out)}: ${dryRun ? "would be " : ""}${facts}`;
  await (dryRun ? print : say)(context, line);
  if (context.quiet) return;
  if (moved.length > 0) await printWrapped(context, "  moved: ", moved.map(describeFileId).join(", "));
  for (const note of notes) await printWrapped(context, "  note: ", note);
}
