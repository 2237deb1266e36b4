/** Files whose container is broken, opened for reading. */

import { open } from "node:fs/promises";
import type { ContainerOptions } from "../index.ts";
import { openForRecovery, type RecoveryDisk } from "../recovery/index.ts";
import { inFile, READ, readFully } from "./disk-file.ts";
import { checkPath, checkRegularFile } from "./file-errors.ts";

/** A possibly broken disk in an open file. Close it, or let `await using` do so. */
export interface RecoveryDiskFile extends RecoveryDisk, AsyncDisposable {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Opens a file for reading, whatever is wrong with its VHD footer or its length.
 *
 * @throws VmgsError as `openForRecovery`, and VMGS_PATH_EMPTY, VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE,
 * VMGS_ACCESS_DENIED
 */
export async function openFileForRecovery(
  path: string,
  options: ContainerOptions = {},
): Promise<RecoveryDiskFile> {
  checkPath(path);
  const handle = await inFile(path, () => open(path, READ));
  try {
    const stats = await inFile(path, () => handle.stat());
    checkRegularFile(stats, path);
    const source = { read: (offset: number, into: Uint8Array) => readFully(handle, path, offset, into) };
    const disk = await openForRecovery(source, stats.size, options);
    const close = () => inFile(path, () => handle.close());
    return { ...disk, path, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
