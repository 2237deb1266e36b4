/** `vmgs hexdump` of a version 1 file. */

import { isAllZero } from "vmgskit/format";
import { pictureV1, type V1Picture } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { hiddenRow } from "../../hexdump/index.ts";
import { openDiskForReading } from "../../reading.ts";
import { bytePart, byteRows, type HexdumpPart, parseCount } from "../../terminal/index.ts";

const BLOCK = 4096;
const HIDDEN = "may hold the state of a vTPM; --raw-secrets shows it";

export async function collectV1(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<HexdumpPart[]> {
  if (options.file !== undefined) {
    throw new UsageError(
      "a version 1 file has no file IDs",
      "use --header, --table or --block, or `vmgs cat FILE DATA`",
    );
  }
  const nothing = options.table !== true && options.footer !== true && options.block === undefined;
  await using disk = await openDiskForReading(context, file, options);
  const parts: HexdumpPart[] = [];
  if (options.header === true || nothing) {
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
    const wanted = { start: 0, end: bytes.length };
    // Devices keep their state in the data: where that of a vTPM lies is not known.
    const hidden = options.rawSecrets !== true && !isAllZero(bytes);
    const rows = hidden ? [hiddenRow(wanted, offset, HIDDEN)] : byteRows(bytes, offset);
    parts.push(bytePart(`block ${block}`, offset, rows));
  }
  return parts;
}

function asPart({ title, offset, rows, error }: V1Picture): HexdumpPart {
  return { title, offset, structured: true, rows, error: error?.message ?? null };
}
