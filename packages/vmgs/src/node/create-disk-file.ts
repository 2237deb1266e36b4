/** Making the file of a new store, as a host mints it: zeros, and a VHD footer behind them. */

import { open, rename, rm } from "node:fs/promises";
import { BLOCK_SIZE, MAX_STORE_BYTES, MIN_STORE_BLOCKS, makeVhdFooter } from "../format/index.ts";
import { DEFAULT_STORE_BYTES, VmgsError } from "../index.ts";
import { checkPath, fileError } from "./file-errors.ts";

export interface CreateDiskOptions {
  /** Bytes of the disk without a footer: a multiple of 512, at least 4 blocks. 4 MiB unless told. */
  readonly byteLength?: number;
  /** A fixed VHD (default) or a raw image. */
  readonly container?: "vhd" | "raw";
  /** Put it in the place of an existing file, at once and completely. */
  readonly overwrite?: boolean;
}

/**
 * Makes a blank disk. The file is sparse where the file system allows it.
 *
 * @throws VmgsError VMGS_DISK_SIZE, VMGS_DISK_TOO_SMALL, VMGS_FILE_EXISTS, VMGS_DISK_FULL, VMGS_ACCESS_DENIED
 */
export async function createDiskFile(path: string, options: CreateDiskOptions = {}): Promise<void> {
  const { byteLength = DEFAULT_STORE_BYTES, container = "vhd", overwrite = false } = options;
  checkPath(path);
  checkNewSize(byteLength);
  const target = overwrite ? `${path}.new-${process.pid}` : path;
  let made = false;
  try {
    const handle = await open(target, "wx");
    made = true;
    try {
      await handle.truncate(byteLength);
      if (container === "vhd") {
        const footer = makeVhdFooter({
          diskBytes: byteLength,
          uniqueId: crypto.getRandomValues(new Uint8Array(16)),
          created: new Date(),
        });
        await handle.write(footer, 0, footer.length, byteLength);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (overwrite) await rename(target, path);
  } catch (error) {
    if (made) await rm(target, { force: true });
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
