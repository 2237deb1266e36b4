/** Values of options, as the reference's parser takes them and a little more. */

import { isVmgsError, parseFileId, VmgsError } from "vmgskit";
import type { OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";

/** The value of an option that the parser has seen to. */
export function textOf(options: OptionValues, name: string): string {
  return options[name] as string;
}

const MAX_U32 = 0xffff_ffff;

/**
 * A file ID. What is neither a name nor a number is a usage error, a number above 63 is not.
 *
 * @throws UsageError; VmgsError VMGS_INVALID_FILE_ID
 */
export function fileIdOf(options: OptionValues, name = "fileId"): number {
  const text = textOf(options, name);
  try {
    return parseFileId(text);
  } catch (error) {
    const isNumber = isVmgsError(error) && error.facts.fileId !== undefined && error.facts.fileId <= MAX_U32;
    if (isNumber) throw error;
    throw new UsageError(
      `${JSON.stringify(text)} is neither a file ID nor the name of one`,
      "a name such as TPM_NVRAM, decimal, or hexadecimal with 0x",
    );
  }
}

/** Bytes of a new store where none are given. */
const DEFAULT_BYTES = 4_194_304;
const MIN_BYTES = 16_384;
/** Larger files are not opened, neither by the reference nor by us. */
export const MAX_FILE_BYTES = 2 ** 32;

/**
 * Bytes of a new store, without the footer.
 *
 * @throws UsageError for text that is not a number; VmgsError VMGS_DISK_SIZE for an impossible one
 */
export function storeSizeOf(options: OptionValues): number {
  const text = options.fileSize as string | undefined;
  if (text === undefined) return DEFAULT_BYTES;
  if (!/^\d{1,20}$/.test(text)) throw new UsageError(`${JSON.stringify(text)} is not a number of bytes`);
  const bytes = Number(text);
  if (bytes >= MIN_BYTES && bytes % 512 === 0 && bytes + 512 <= MAX_FILE_BYTES) return bytes;
  throw new VmgsError(
    "VMGS_DISK_SIZE",
    `${text} bytes: a store has at least ${MIN_BYTES}, a multiple of 512, and at most 4 GiB with its footer`,
    { bytes, limit: MIN_BYTES },
  );
}
