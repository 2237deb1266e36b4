/** Disks in files, through Node: fixed VHDs and raw images. */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { checkFlag, checkText, checkWhole, optionsOf } from "../arguments/index.ts";
import {
  checkContainerOptions,
  checkReadInto,
  checkWriteOf,
  containerOptionChecks,
  detectContainer,
} from "../disk/index.ts";
import type {
  Container,
  ContainerOptions,
  Disk,
  SectorSize,
  SourceReadOptions,
  SyncDisk,
  WritableDisk,
} from "../index.ts";
import { run, runSync } from "../steps/index.ts";
import { checkPath, checkRegularFile, inFile } from "./file-errors.ts";
import { checkStillThere, isSameFile } from "./file-identity.ts";
import { openFileSourceSync, READ_AHEAD, READ_ONLY, type SyncFileSource } from "./file-source.ts";
import { type HeldLock, lockExisting } from "./lock.ts";
import { readFully, writeFully } from "./whole-transfers.ts";

/** A disk in an open file. Close it, or let `await using` do so. */
export interface DiskFile extends Disk, AsyncDisposable {
  readonly path: string;
  /** Closes the file. */
  close(): Promise<void>;
}

/** A disk in a file that is open for writing and locked against other writers. */
export interface WritableDiskFile extends WritableDisk, AsyncDisposable {
  readonly path: string;
  /** Closes the file and gives up the lock. */
  close(): Promise<void>;
}

/** A disk in a file that is read without waiting; it can also be used as any other disk. */
export interface SyncDiskFile extends SyncDisk, Disk, Disposable {
  readonly path: string;
  /** Closes the file. */
  close(): void;
}

/** How a disk file is opened. */
export interface DiskFileOptions extends ContainerOptions {
  /** Open for writing: takes the lock. */
  readonly write?: boolean;
}

const checkDiskFileOptions = optionsOf({ ...containerOptionChecks, write: checkFlag });

// Opening a pipe must not wait for a process at its other end.
const WRITE = constants.O_RDWR | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file as a disk, for reading unless `write` is set.
 *
 * ```ts
 * await using disk = await openDiskFile("vm.vmgs");
 * ```
 *
 * @throws VmgsError VMGS_PATH_EMPTY, VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE, VMGS_ACCESS_DENIED,
 * VMGS_READ_ONLY_MEDIA, and as `detectContainer`; for writing also VMGS_LOCKED_BY_OTHER, VMGS_LOCK_FAILED,
 * VMGS_SEVERAL_LINKS, VMGS_CHANGED_UNDERNEATH
 */
export async function openDiskFile(
  path: string,
  options: DiskFileOptions & { readonly write: true },
): Promise<WritableDiskFile>;
export async function openDiskFile(
  path: string,
  options?: DiskFileOptions & { readonly write?: false },
): Promise<DiskFile>;
export async function openDiskFile(
  path: string,
  options: DiskFileOptions = {},
): Promise<DiskFile | WritableDiskFile> {
  checkText(path, "path");
  checkDiskFileOptions(options, "options");
  const { write = false } = options;
  checkPath(path);
  const { handle, byteLength, lock } = write ? await openLocked(path) : await openFile(path, READ_ONLY);
  try {
    const source = { read: (offset: number, into: Uint8Array) => readFully(handle, path, offset, into) };
    const container = await run(detectContainer(byteLength, options), source);
    const disk = readableDisk(handle, path, container);
    return lock === undefined ? disk : writableDisk(handle, disk, lock);
  } catch (error) {
    await lock?.release();
    // Why the file can't be opened matters more than why it can't be closed.
    await handle.close().catch(() => undefined);
    throw error;
  }
}

interface OpenedFile {
  readonly handle: FileHandle;
  readonly byteLength: number;
  readonly lock?: HeldLock;
}

async function openFile(path: string, flags: number): Promise<OpenedFile> {
  const handle = await inFile(path, () => open(path, flags));
  try {
    const stats = await inFile(path, () => handle.stat());
    checkRegularFile(stats, path);
    return { handle, byteLength: stats.size };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

/** Another writer may replace the file between opening and locking: what was opened is then no longer the store. */
async function openLocked(path: string): Promise<OpenedFile> {
  for (let tries = 1; ; tries++) {
    const { handle } = await openFile(path, WRITE);
    let lock: HeldLock | undefined;
    try {
      lock = await lockExisting(path);
      const stats = await inFile(path, () => handle.stat({ bigint: true }));
      if (isSameFile(stats, lock.file)) return { handle, byteLength: Number(stats.size), lock };
      if (tries === 3) await checkStillThere(lock.target, stats);
    } catch (error) {
      await lock?.release();
      await handle.close().catch(() => undefined);
      throw error;
    }
    await lock.release();
    await handle.close();
  }
}

function readableDisk(handle: FileHandle, path: string, container: Container): DiskFile {
  const close = () => inFile(path, () => handle.close());
  const disk: DiskFile = {
    path,
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    readAhead: Math.min(READ_AHEAD, container.diskBytes),
    async read(offset, into, options) {
      checkReadInto(disk, offset, into, options);
      await readFully(handle, path, offset, into, options);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return disk;
}

function writableDisk(handle: FileHandle, disk: DiskFile, lock: HeldLock): WritableDiskFile {
  const { path } = disk;
  const close = async () => {
    try {
      await disk.close();
    } finally {
      await lock.release();
    }
  };
  return {
    ...disk,
    async write(offset, bytes) {
      checkWriteOf(disk, offset, bytes);
      // A writer of the file under its new name would not see the lock.
      await lock.verify();
      await writeFully(handle, path, offset, bytes);
    },
    flush: () => inFile(path, () => handle.datasync()),
    async reserve(offset, length) {
      checkWhole(offset, "offset");
      checkWhole(length, "length");
      await lock.verify();
      await fillHoles(handle, path, offset, Math.min(length, disk.byteLength - offset));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const PAGE = 4096;

/** Writes zeros where zeros are: holes get their space, and whatever is torn on the way is zeros all the same. */
async function fillHoles(handle: FileHandle, path: string, offset: number, length: number): Promise<void> {
  for (let done = 0; done < length; done += PAGE) {
    const page = new Uint8Array(Math.min(PAGE, length - done));
    await readFully(handle, path, offset + done, page);
    if (page.every((byte) => byte === 0)) await writeFully(handle, path, offset + done, page);
  }
  await inFile(path, () => handle.datasync());
}

/**
 * Opens a file as a disk that is read without waiting: for scans of many local stores.
 *
 * @throws VmgsError as `openDiskFile`
 */
export function openDiskFileSync(path: string, options: ContainerOptions = {}): SyncDiskFile {
  checkText(path, "path");
  checkContainerOptions(options, "options");
  const file = openFileSourceSync(path);
  try {
    const container = runSync(detectContainer(file.byteLength, options), file);
    return new OpenSyncDiskFile(file, container);
  } catch (error) {
    file.close();
    throw error;
  }
}

// A class, because a scan of many stores notices what four functions for each disk cost.

class OpenSyncDiskFile implements SyncDiskFile {
  readonly path: string;
  readonly container: Container;
  readonly sectorSize: SectorSize;
  readonly byteLength: number;
  readonly #file: SyncFileSource;

  constructor(file: SyncFileSource, container: Container) {
    this.path = file.path;
    this.container = container;
    this.sectorSize = container.sectorSize;
    this.byteLength = container.diskBytes;
    this.#file = file;
  }

  readSync(offset: number, into: Uint8Array): void {
    checkReadInto(this, offset, into);
    this.#file.readSync(offset, into);
  }

  async read(offset: number, into: Uint8Array, options?: SourceReadOptions): Promise<void> {
    checkReadInto(this, offset, into, options);
    this.#file.readSync(offset, into);
  }

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
