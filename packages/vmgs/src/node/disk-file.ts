/** Disks in files, through Node: fixed VHDs and raw images. */

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { checkFlag, checkText, optionsOf } from "../arguments/index.ts";
import { checkContainerOptions, checkReadInto, checkWriteOf, containerOptionChecks } from "../disk/index.ts";
import {
  type Container,
  type ContainerOptions,
  type Disk,
  detectContainer,
  type SectorSize,
  type SyncDisk,
  type WritableDisk,
} from "../index.ts";
import { run, runSync, type SyncByteSource } from "../steps/index.ts";
import { checkPath, checkRegularFile, fileError, inFile } from "./file-errors.ts";
import { takeWriteLock, type WriteLock } from "./lock.ts";
import { readFully, readFullySync, writeFully } from "./whole-transfers.ts";

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

/** A disk in a file that is read without waiting; it can be used as any other disk, too. */
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

// Opening a pipe must not wait for somebody at its other end.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const WRITE = constants.O_RDWR | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file as a disk, for reading unless `write` is set.
 *
 * ```ts
 * await using disk = await openDiskFile("vm.vmgs");
 * ```
 *
 * @throws VmgsError VMGS_PATH_EMPTY, VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE, VMGS_ACCESS_DENIED,
 * VMGS_READ_ONLY_MEDIA, VMGS_LOCKED_BY_OTHER, and as `detectContainer`
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
  const handle = await inFile(path, () => open(path, write ? WRITE : READ));
  let lock: WriteLock | undefined;
  try {
    const stats = await inFile(path, () => handle.stat());
    checkRegularFile(stats, path);
    if (write) lock = await takeWriteLock(path);
    const source = { read: (offset: number, into: Uint8Array) => readFully(handle, path, offset, into) };
    const container = await run(detectContainer(stats.size, options), source);
    const disk = readableDisk(handle, path, container);
    return lock === undefined ? disk : writableDisk(handle, disk, lock);
  } catch (error) {
    await lock?.release();
    // Why the file can't be opened matters more than why it can't be closed.
    await handle.close().catch(() => undefined);
    throw error;
  }
}

function readableDisk(handle: FileHandle, path: string, container: Container): DiskFile {
  const close = () => inFile(path, () => handle.close());
  const disk: DiskFile = {
    path,
    container,
    sectorSize: container.sectorSize,
    byteLength: container.diskBytes,
    async read(offset, into) {
      checkReadInto(disk, offset, into);
      await readFully(handle, path, offset, into);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return disk;
}

function writableDisk(handle: FileHandle, disk: DiskFile, lock: WriteLock): WritableDiskFile {
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
      await writeFully(handle, path, offset, bytes);
    },
    flush: () => inFile(path, () => handle.datasync()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens a file as a disk that is read without waiting: for scans of many local stores.
 *
 * @throws VmgsError as `openDiskFile`
 */
export function openDiskFileSync(path: string, options: ContainerOptions = {}): SyncDiskFile {
  checkText(path, "path");
  checkContainerOptions(options, "options");
  checkPath(path);
  const file = new OpenFile(path);
  try {
    const container = runSync(detectContainer(file.byteLength(), options), file);
    return new OpenSyncDiskFile(file, container);
  } catch (error) {
    file.close();
    throw error;
  }
}

// Classes, because a scan of many stores notices what four functions for each disk cost.

class OpenFile implements SyncByteSource {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, READ);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Bytes of the file, which must be a regular one. */
  byteLength(): number {
    try {
      const stats = fstatSync(this.#descriptor);
      checkRegularFile(stats, this.path);
      return stats.size;
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  readSync(offset: number, into: Uint8Array): void {
    readFullySync(this.#descriptor, this.path, offset, into);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

class OpenSyncDiskFile implements SyncDiskFile {
  readonly path: string;
  readonly container: Container;
  readonly sectorSize: SectorSize;
  readonly byteLength: number;
  readonly #file: OpenFile;

  constructor(file: OpenFile, container: Container) {
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

  async read(offset: number, into: Uint8Array): Promise<void> {
    this.readSync(offset, into);
  }

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
