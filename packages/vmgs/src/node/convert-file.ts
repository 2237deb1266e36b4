/** Writing a converted store into a new file. */

import { checkFlag, checkObject, checkSignal, checkText, having, optionsOf } from "../arguments/index.ts";
import { checkDisk } from "../disk/index.ts";
import type { Disk } from "../index.ts";
import type { Conversion } from "../recovery/index.ts";
import { copySparse } from "./copy-file.ts";
import { type FileAccess, makeFile, type NewFile, replaceFile } from "./replace-file.ts";

const HEAD_BYTES = 8192;

/** How a planned conversion is written to a file. */
export interface WriteConversionOptions {
  /** Permissions and owner of a new file, such as those of the old one. */
  readonly like?: FileAccess;
  /** Replace the file at the path, at once, with its permissions and owner; the caller holds its lock. */
  readonly replace?: boolean;
  /** Gives up; nothing has changed then. */
  readonly signal?: AbortSignal;
}

const checkWriteConversionOptions = optionsOf({
  like: having("mode", "uid", "gid"),
  replace: checkFlag,
  signal: checkSignal,
});

/**
 * Makes the file that a conversion plans. It is sparse where the old disk has zeros, and on the medium when this returns.
 *
 * @throws VmgsError as `makeFile` or `replaceFile`, and what the disk throws; the file is then as before
 */
export async function writeConversion(
  disk: Disk,
  conversion: Conversion,
  path: string,
  options: WriteConversionOptions = {},
): Promise<void> {
  checkDisk(disk, "disk");
  checkObject(conversion, "conversion", "container", "sectorSize", "byteLength", "fileBytes");
  checkText(path, "path");
  checkWriteConversionOptions(options, "options");
  const { like, replace = false, signal } = options;
  const fill = async (file: NewFile) => {
    await file.truncate(conversion.fileBytes);
    const read = (offset: number, into: Uint8Array) => disk.read(offset, into);
    await copySparse(file, { read, start: HEAD_BYTES, length: conversion.copied }, signal);
    for (const { offset, bytes } of conversion.writes) await file.write(offset, bytes);
    signal?.throwIfAborted();
  };
  await (replace ? replaceFile(path, fill) : makeFile(path, fill, like && { like }));
}
