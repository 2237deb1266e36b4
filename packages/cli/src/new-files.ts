/** Folders of files that are saved from a store: new files only, which nobody else may read. */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { VmgsError } from "vmgskit";
import { hostFileError } from "./host-files.ts";
import { writeWhole } from "./output-file.ts";

/**
 * Makes the folder when it is missing, and checks that none of the names is taken in it.
 *
 * @throws VmgsError VMGS_FILE_EXISTS
 */
export async function prepareFolder(folder: string, names: readonly string[]): Promise<void> {
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

/** Writes a file that does not exist. What is saved may hold secrets of the guest: only its owner may read it. */
export async function writeNewFile(path: string, content: Uint8Array | string): Promise<void> {
  await writeWhole(path, content, { isPrivate: true });
}
