/** Files that are saved together: all of them, or none, so that the command can be run again after a failure. */

import { mkdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isVmgsError, VmgsError } from "vmgskit";
import { checkHostPath, hostFileError } from "./host-files.ts";
import { writeWhole } from "./output-file.ts";

/** Saves one of the files; returns its path. */
export type SaveFile = (name: string, content: Uint8Array | string) => Promise<string>;

/**
 * Saves files of these names in a folder, which is made when it is missing. When `action` fails, what was saved is
 * removed again, and the folder if it was made.
 *
 * @throws VmgsError VMGS_FILE_EXISTS before anything is written when one of the names is taken
 */
export async function saveTogether<T>(
  folder: string,
  names: readonly string[],
  signal: AbortSignal,
  action: (save: SaveFile) => Promise<T>,
): Promise<T> {
  const isNew = (await stat(folder).catch(() => null)) === null;
  await prepareFolder(folder, names);
  const made: string[] = [];
  try {
    return await action(async (name, content) => {
      const path = join(folder, name);
      try {
        // It may hold secrets of the guest.
        await writeWhole(path, content, { isPrivate: true, signal });
      } catch (error) {
        // A part of it may be there, unless it is the file of another.
        if (!isVmgsError(error, "VMGS_FILE_EXISTS")) made.push(path);
        throw error;
      }
      made.push(path);
      return path;
    });
  } catch (error) {
    for (const path of made) await rm(path, { force: true }).catch(() => undefined);
    if (isNew) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes the folder when it is missing, and checks that none of the names is taken in it.
 *
 * @throws VmgsError VMGS_FILE_EXISTS
 */
async function prepareFolder(folder: string, names: readonly string[]): Promise<void> {
  checkHostPath(folder, "the output folder");
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw hostFileError(error, folder, "the output folder");
    if (!(await stat(folder)).isDirectory()) {
      throw new VmgsError("VMGS_FILE_EXISTS", `${folder} is a file, not a folder`, { path: folder });
    }
  }
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null)) !== null) {
      throw new VmgsError("VMGS_FILE_EXISTS", `${path} exists already`, { path });
    }
  }
}
