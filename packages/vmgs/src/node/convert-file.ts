/** Writing a converted store into a new file. */

import { type FileHandle, open, rm } from "node:fs/promises";
import { checkObject, checkSignal, checkText, checkWhole, optionsOf } from "../arguments/index.ts";
import { checkDisk } from "../disk/index.ts";
import type { Disk } from "../index.ts";
import type { Conversion } from "../recovery/index.ts";
import { checkPath, fileError } from "./file-errors.ts";

const HEAD_BYTES = 8192;
const CHUNK = 1 << 20;

/** How a planned conversion is written to a new file. */
export interface WriteConversionOptions {
  /** Permissions of the new file. */
  readonly mode?: number;
  /** Gives up; the new file is then removed. */
  readonly signal?: AbortSignal;
}

const checkWriteConversionOptions = optionsOf({
  mode: checkWhole,
  signal: checkSignal,
});

/**
 * Makes the file that a conversion plans. It is sparse where the old disk has zeros, and on the medium when this returns.
 *
 * @throws VmgsError VMGS_FILE_EXISTS, VMGS_DISK_FULL, VMGS_ACCESS_DENIED, and what the disk throws; the file is then gone
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
  const { mode = 0o666, signal } = options;
  checkPath(path);
  let made = false;
  try {
    const handle = await open(path, "wx", mode);
    made = true;
    try {
      await handle.truncate(conversion.fileBytes);
      await copy(disk, conversion.copied, handle, signal);
      for (const { offset, bytes } of conversion.writes) await writeAt(handle, offset, bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (made) await rm(path, { force: true });
    throw fileError(error, path);
  }
}

async function copy(disk: Disk, length: number, to: FileHandle, signal?: AbortSignal): Promise<void> {
  const chunk = new Uint8Array(CHUNK);
  for (let done = 0; done < length; done += CHUNK) {
    signal?.throwIfAborted();
    const part = chunk.subarray(0, Math.min(CHUNK, length - done));
    await disk.read(HEAD_BYTES + done, part);
    if (part.some((byte) => byte !== 0)) await writeAt(to, HEAD_BYTES + done, part);
  }
}

async function writeAt(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
