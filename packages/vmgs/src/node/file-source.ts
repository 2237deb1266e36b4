/** Whole files, before it is known what they are. */

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { checkText } from "../arguments/index.ts";
import { type ByteSource, type SyncByteSource, VmgsError } from "../index.ts";
import { checkSourceRead } from "../source/index.ts";
import { checkPath, checkRegularFile, fileError, inFile } from "./file-errors.ts";
import { readFully, readFullySync } from "./whole-transfers.ts";

/** An open file. Close it, or let `await using` do so. */
export interface FileSource extends ByteSource, AsyncDisposable {
  readonly path: string;
  /** Closes the file. */
  close(): Promise<void>;
}

/** An open file that is read without waiting. Close it, or let `using` do so. */
export interface SyncFileSource extends SyncByteSource, Disposable {
  readonly path: string;
  /** Closes the file. */
  close(): void;
}

// Opening a pipe must not wait for a process at its other end.
export const READ_ONLY = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes from the start that are read at once: both headers, the file table, and usually the marker. */
export const READ_AHEAD = 24_576;

/**
 * Opens any regular file for reading, whatever it holds: for `diagnose` and `forecastBoot` of `vmgskit/diagnose`.
 *
 * @throws VmgsError VMGS_PATH_EMPTY, VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE, VMGS_ACCESS_DENIED
 */
export async function openFileSource(path: string): Promise<FileSource> {
  checkText(path, "path");
  checkPath(path);
  const handle = await inFile(path, () => open(path, READ_ONLY));
  try {
    const stats = await handle.stat();
    checkRegularFile(stats, path);
    const close = () => handle.close();
    return {
      path,
      byteLength: stats.size,
      readAhead: Math.min(READ_AHEAD, stats.size),
      async read(offset, into, options) {
        checkSourceRead(stats.size, offset, into, options);
        await readFully(handle, path, offset, into, options);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await handle.close();
    throw fileError(error, path);
  }
}

/**
 * The same, read without waiting.
 *
 * @throws VmgsError as `openFileSource`
 */
export function openFileSourceSync(path: string): SyncFileSource {
  checkText(path, "path");
  checkPath(path);
  return new OpenFile(path);
}

// A class, because a scan of many stores notices what functions for each file cost.
class OpenFile implements SyncFileSource {
  readonly path: string;
  readonly byteLength: number;
  #descriptor: number | null;

  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, READ_ONLY);
    } catch (error) {
      throw fileError(error, path);
    }
    try {
      const stats = fstatSync(this.#descriptor);
      checkRegularFile(stats, path);
      this.byteLength = stats.size;
    } catch (error) {
      this.close();
      throw fileError(error, path);
    }
  }

  readSync(offset: number, into: Uint8Array): void {
    checkSourceRead(this.byteLength, offset, into);
    // The number belongs to another file once this one is closed.
    if (this.#descriptor === null) throw new VmgsError("VMGS_IO", "the file was closed", { path: this.path });
    readFullySync(this.#descriptor, this.path, offset, into);
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor !== null) closeSync(descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
