/** Files whose container is broken, opened for reading. */

import { checkText } from "../arguments/index.ts";
import { checkContainerOptions } from "../disk/index.ts";
import type { ContainerOptions } from "../index.ts";
import { openForRecovery, type RecoveryDisk } from "../recovery/index.ts";
import { openFileSource } from "./file-source.ts";

/** A possibly broken disk in an open file. Close it, or let `await using` do so. */
export interface RecoveryDiskFile extends RecoveryDisk, AsyncDisposable {
  readonly path: string;
  /** Closes the file. */
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
  checkText(path, "path");
  checkContainerOptions(options, "options");
  const file = await openFileSource(path);
  try {
    const disk = await openForRecovery(file, options);
    const close = () => file.close();
    return { ...disk, path, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await file.close();
    throw error;
  }
}
