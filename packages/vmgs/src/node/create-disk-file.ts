/** Making the file of a new store, as a host mints it: zeros, and a VHD footer behind them. */

import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { checkFlag, checkText, checkWhole, oneOf, optionsOf } from "../arguments/index.ts";
import { BLOCK_SIZE, MAX_STORE_BYTES, MIN_STORE_BLOCKS, makeVhdFooter } from "../format/index.ts";
import { DEFAULT_STORE_BYTES, VmgsError } from "../index.ts";
import { checkPath, checkRegularFile, fileError } from "./file-errors.ts";
import { takeWriteLock, type WriteLock } from "./lock.ts";
import { writeFully } from "./whole-transfers.ts";

/** What a new disk file is like. */
export interface CreateDiskOptions {
  /** Bytes of the disk without a footer: a multiple of 512, at least 4 blocks. 4 MiB unless told. */
  readonly byteLength?: number;
  /** A fixed VHD (default) or a raw image. */
  readonly container?: "vhd" | "raw";
  /** Put it in the place of an existing file, at once and completely, with its permissions and under its lock. */
  readonly overwrite?: boolean;
}

const checkCreateDiskOptions = optionsOf({
  byteLength: checkWhole,
  container: oneOf(["vhd", "raw"]),
  overwrite: checkFlag,
});

/**
 * Makes a blank disk. The file is sparse where the file system allows it.
 *
 * @throws VmgsError VMGS_DISK_SIZE, VMGS_DISK_TOO_SMALL, VMGS_FILE_EXISTS, VMGS_DISK_FULL, VMGS_ACCESS_DENIED,
 * VMGS_LOCKED_BY_OTHER
 */
export async function createDiskFile(path: string, options: CreateDiskOptions = {}): Promise<void> {
  checkText(path, "path");
  checkCreateDiskOptions(options, "options");
  const { byteLength = DEFAULT_STORE_BYTES, container = "vhd", overwrite = false } = options;
  checkPath(path);
  checkNewSize(byteLength);
  const existing = overwrite ? await findFile(path) : null;
  const target = existing === null ? path : `${existing.path}.new-${process.pid}`;
  let lock: WriteLock | undefined;
  let made = false;
  try {
    if (existing !== null) lock = await takeWriteLock(existing.path);
    const handle = await open(target, "wx");
    made = true;
    try {
      if (existing !== null) await handle.chmod(existing.mode);
      await handle.truncate(byteLength);
      if (container === "vhd") {
        const footer = makeVhdFooter({
          diskBytes: byteLength,
          uniqueId: crypto.getRandomValues(new Uint8Array(16)),
          created: new Date(),
        });
        await writeFully(handle, path, byteLength, footer);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (existing !== null) await rename(target, existing.path);
  } catch (error) {
    if (made) await rm(target, { force: true });
    throw fileError(error, path);
  } finally {
    await lock?.release();
  }
}

/** The file that a path leads to, through links, or null when there is none. */
async function findFile(path: string): Promise<{ readonly path: string; readonly mode: number } | null> {
  try {
    const stats = await stat(path);
    checkRegularFile(stats, path);
    return { path: await realpath(path), mode: stats.mode & 0o7777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fileError(error, path);
  }
}

function checkNewSize(byteLength: number): void {
  if (!Number.isSafeInteger(byteLength) || byteLength % 512 !== 0 || byteLength > MAX_STORE_BYTES) {
    throw new VmgsError("VMGS_DISK_SIZE", `${byteLength} bytes is no multiple of 512 up to 2^44`, {
      bytes: byteLength,
    });
  }
  const least = MIN_STORE_BLOCKS * BLOCK_SIZE;
  if (byteLength >= least) return;
  throw new VmgsError(
    "VMGS_DISK_TOO_SMALL",
    `${byteLength} bytes are below the ${least} that a store needs`,
    {
      bytes: byteLength,
      limit: least,
    },
  );
}
