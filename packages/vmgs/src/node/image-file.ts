/** Whole files, before anybody said what they are. */

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { checkText } from "../arguments/index.ts";
import { checkImageRead, type ImageFile } from "../disk/index.ts";
import { checkPath, checkRegularFile, fileError } from "./file-errors.ts";
import { readFully } from "./whole-transfers.ts";

/** An open file. Close it, or let `await using` do so. */
export interface OpenImageFile extends ImageFile, AsyncDisposable {
  readonly path: string;
  /** Closes the file. */
  close(): Promise<void>;
}

// Opening a pipe must not wait for somebody at its other end.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens any regular file for reading, whatever it holds: for `diagnose` and `forecastBoot` of `vmgskit/diagnose`.
 *
 * @throws VmgsError VMGS_PATH_EMPTY, VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE, VMGS_ACCESS_DENIED
 */
export async function openImageFile(path: string): Promise<OpenImageFile> {
  checkText(path, "path");
  checkPath(path);
  try {
    const handle = await open(path, READ);
    try {
      const stats = await handle.stat();
      checkRegularFile(stats, path);
      const close = () => handle.close();
      return {
        path,
        byteLength: stats.size,
        async read(offset, into) {
          checkImageRead(stats.size, offset, into);
          await readFully(handle, path, offset, into);
        },
        close,
        [Symbol.asyncDispose]: close,
      };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw fileError(error, path);
  }
}
