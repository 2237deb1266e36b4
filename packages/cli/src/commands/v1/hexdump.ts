/** `vmgs hexdump` of a version 1 file. */

import { openDiskFile } from "vmgskit/node";
import { pictureV1, type V1Picture } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { containerOptions } from "../../stores.ts";
import { type HexdumpPart, parseCount, unstructuredPart } from "../../terminal/index.ts";

const BLOCK = 4096;

export async function collectV1(
  _context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<HexdumpPart[]> {
  if (options.file !== undefined || options.footer === true) {
    throw new UsageError(
      "a version 1 file has no file IDs here, and its VHD footer is shown with --disk raw --block",
      "use --header, --table or --block, or `vmgs cat FILE DATA`",
    );
  }
  await using disk = await openDiskFile(file, containerOptions(options));
  const parts: HexdumpPart[] = [];
  if (options.header === true || (options.table !== true && options.block === undefined)) {
    parts.push(...(await pictureV1(disk, "headers")).map(asPart));
  }
  if (options.table === true) parts.push(...(await pictureV1(disk, "gpt")).map(asPart));
  if (options.block !== undefined) {
    const block = parseCount(options.block as string, "--block");
    const offset = block * BLOCK;
    if (offset >= disk.byteLength) {
      throw new UsageError(
        `--block: block ${block} is past the end (${Math.ceil(disk.byteLength / BLOCK)} blocks)`,
      );
    }
    const bytes = new Uint8Array(Math.min(BLOCK, disk.byteLength - offset));
    await disk.read(offset, bytes);
    parts.push(unstructuredPart(`block ${block}`, bytes, offset));
  }
  return parts;
}

function asPart({ title, offset, rows, error }: V1Picture): HexdumpPart {
  return { title, offset, structured: true, rows, error: error?.message ?? null };
}
