/** Making the file of a new store, as a host mints it: zeros, and a VHD footer after them. */

import { checkCallback, checkFlag, checkText, checkWhole, oneOf, optionsOf } from "../arguments/index.ts";
import { checkReadInto, checkWriteOf, containerOptionChecks, detectContainer } from "../disk/index.ts";
import { BLOCK_SIZE, MAX_STORE_BYTES, MIN_STORE_BLOCKS, makeVhdFooter } from "../format/index.ts";
import { DEFAULT_STORE_BYTES, type SectorSize, VmgsError, type WritableDisk } from "../index.ts";
import { run } from "../steps/index.ts";
import { checkNewPath, checkPath } from "./file-errors.ts";
import { lockForMaking, takeWriteLock } from "./lock.ts";
import { makeFile, type NewFile, refuseExisting, replaceFile } from "./replace-file.ts";

/** What a new disk file is like. */
export interface CreateDiskOptions {
  /** Bytes of the disk without a footer: a multiple of 512, at least 4 blocks. 4 MiB by default. */
  readonly byteLength?: number;
  /** A fixed VHD (default) or a raw image. */
  readonly container?: "vhd" | "raw";
  /** Replace an existing file, at once and completely, with its permissions and under its lock. */
  readonly overwrite?: boolean;
  /**
   * Permission bits of a new file, minus those that the umask takes; 0o600 by default, because a store holds the
   * secrets of a virtual TPM.
   */
  readonly mode?: number;
  /** Sector size of a raw image that `prepare` writes to; 512 by default. */
  readonly sectorSize?: SectorSize;
  /** Writes to the disk before the file gets its name, such as `formatStore`. When it throws, no file is made. */
  readonly prepare?: (disk: WritableDisk) => Promise<void>;
}

const checkCreateDiskOptions = optionsOf({
  byteLength: checkWhole,
  container: oneOf(["vhd", "raw"]),
  overwrite: checkFlag,
  mode: checkWhole,
  sectorSize: containerOptionChecks.sectorSize,
  prepare: checkCallback,
});

/**
 * Makes a blank disk, or with `prepare` one that holds a store from the start. The file is sparse where the file system
 * allows it. It gets its name when it is whole and on the medium; of several processes that make the same file one
 * succeeds. After a failure there is no file, or the one that was there before.
 *
 * @throws VmgsError VMGS_DISK_SIZE, VMGS_DISK_TOO_SMALL, VMGS_PATH_NOT_UTF8, VMGS_FILE_EXISTS, VMGS_FILE_NOT_FOUND for
 * the folder, VMGS_DISK_FULL, VMGS_ACCESS_DENIED, VMGS_LOCKED_BY_OTHER, VMGS_SEVERAL_LINKS, and what `prepare` throws
 */
export async function createDiskFile(path: string, options: CreateDiskOptions = {}): Promise<void> {
  checkText(path, "path");
  checkCreateDiskOptions(options, "options");
  const { byteLength = DEFAULT_STORE_BYTES, container = "vhd", overwrite = false, mode = 0o600 } = options;
  checkPath(path);
  checkNewSize(byteLength);
  const fill = (file: NewFile) => fillDisk(file, { ...options, byteLength, container });
  if (overwrite && (await exists(path))) {
    await using _lock = await takeWriteLock(path);
    await replaceFile(path, fill);
  } else {
    checkNewPath(path);
    await refuseExisting(path);
    await using _lock = await lockForMaking(path);
    await makeFile(path, fill, { mode });
  }
}

async function exists(path: string): Promise<boolean> {
  const error: unknown = await refuseExisting(path).catch((reason: unknown) => reason);
  return error !== undefined;
}

type DiskToFill = CreateDiskOptions & Required<Pick<CreateDiskOptions, "byteLength" | "container">>;

async function fillDisk(
  file: NewFile,
  { byteLength, container, sectorSize = 512, prepare }: DiskToFill,
): Promise<void> {
  const isVhd = container === "vhd";
  await file.truncate(byteLength);
  if (isVhd) {
    const footer = makeVhdFooter({
      diskBytes: byteLength,
      uniqueId: crypto.getRandomValues(new Uint8Array(16)),
      created: new Date(),
    });
    await file.write(byteLength, footer);
  }
  if (prepare === undefined) return;
  const detection = detectContainer(byteLength + (isVhd ? 512 : 0), {
    container,
    ...(!isVhd && { sectorSize }),
  });
  const info = await run(detection, file);
  const disk: WritableDisk = {
    container: info,
    sectorSize: info.sectorSize,
    byteLength: info.diskBytes,
    async read(offset, into) {
      checkReadInto(disk, offset, into);
      await file.read(offset, into);
    },
    async write(offset, bytes) {
      checkWriteOf(disk, offset, bytes);
      await file.write(offset, bytes);
    },
    flush: () => file.flush(),
  };
  await prepare(disk);
}

function checkNewSize(byteLength: number): void {
  if (!Number.isSafeInteger(byteLength) || byteLength % 512 !== 0 || byteLength > MAX_STORE_BYTES) {
    throw new VmgsError("VMGS_DISK_SIZE", `${byteLength} bytes is not a multiple of 512 up to 2^44`, {
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
