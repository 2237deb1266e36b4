/** The file under a new store: a fixed VHD. */

import { stat } from "node:fs/promises";
import { isVmgsError, VmgsError, type WritableDisk } from "vmgskit";
import { createDiskFile, openDiskFile, openDiskFileSync } from "vmgskit/node";
import { checkHostPath, hostFileError } from "../host-files.ts";

/** Permission bits of a new store, as those of the reference's: the umask alone limits them. `vmgs` makes them private. */
export const NEW_STORE_MODE = 0o666;

/** How a store is made. */
export interface StoreToMake {
  readonly byteLength: number;
  /** Replace what exists. */
  readonly force: boolean;
  /** Formats the disk. */
  readonly prepare: (disk: WritableDisk) => Promise<void>;
}

/**
 * Makes a file with a store in it, whole or not at all. A file that may be replaced, of the right size and with a valid
 * footer, is kept and formatted where it is; any other is replaced at once.
 *
 * @throws VmgsError VMGS_FILE_EXISTS
 */
export async function makeStoreFile(
  path: string,
  { byteLength, force, prepare }: StoreToMake,
): Promise<void> {
  checkHostPath(path, "the output file");
  if (!force) await refuseExistingStore(path);
  if (force && isVhdOf(path, byteLength)) {
    await using disk = await openDiskFile(path, { container: "vhd", write: true });
    await prepare(disk);
  } else await createDiskFile(path, { byteLength, overwrite: force, mode: NEW_STORE_MODE, prepare });
}

/** @throws VmgsError VMGS_FILE_EXISTS */
export async function refuseExistingStore(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new VmgsError("VMGS_FILE_EXISTS", "the VMGS file exists already", { path });
}

/** Whether there is anything at the path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw hostFileError(error, path, "the output file");
  }
}

function isVhdOf(path: string, byteLength: number): boolean {
  try {
    using disk = openDiskFileSync(path, { container: "vhd" });
    return disk.byteLength === byteLength && disk.container.fileBytes === byteLength + 512;
  } catch (error) {
    if (isVmgsError(error)) return false;
    throw error;
  }
}
