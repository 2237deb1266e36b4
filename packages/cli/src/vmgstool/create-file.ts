/** The file under a new store: a fixed VHD. */

import { stat } from "node:fs/promises";
import { isVmgsError, VmgsError } from "vmgskit";
import { createDiskFile, openDiskFileSync } from "vmgskit/node";
import { checkHostPath, hostFileError } from "../host-files.ts";

/**
 * Makes a blank file where there is none. Returns false for one that exists and may be replaced.
 *
 * @throws VmgsError VMGS_FILE_EXISTS
 */
export async function createBlankFile(path: string, byteLength: number, force: boolean): Promise<boolean> {
  checkHostPath(path, "the new store");
  if (force && (await exists(path))) return false;
  await refuseExistingStore(path);
  try {
    await createDiskFile(path, { byteLength });
  } catch (error) {
    // For a file that is to be made, it is the folder that is missing.
    if (isVmgsError(error, "VMGS_FILE_NOT_FOUND")) throw hostFileError(error.cause, path, "the new store");
    throw error;
  }
  return true;
}

/** Keeps a file of the right size with a valid footer; any other is replaced by a blank one, at once. */
export async function prepareExistingFile(path: string, byteLength: number): Promise<void> {
  if (!isVhdOf(path, byteLength)) await createDiskFile(path, { byteLength, overwrite: true });
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
    throw hostFileError(error, path, "the new store");
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
