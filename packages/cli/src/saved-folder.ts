/** Files that are saved together: all of them, or none, so that the command can be run again after a failure. */

import { rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isVmgsError } from "vmgskit";
import { prepareFolder, writeNewFile } from "./new-files.ts";

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
  action: (save: SaveFile) => Promise<T>,
): Promise<T> {
  const isNew = (await stat(folder).catch(() => null)) === null;
  await prepareFolder(folder, names);
  const made: string[] = [];
  try {
    return await action(async (name, content) => {
      const path = join(folder, name);
      try {
        await writeNewFile(path, content);
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
