/** Which file it is, whatever it is called: device and inode, and how many names lead to it. */

import { stat } from "node:fs/promises";
import { VmgsError } from "../index.ts";
import { checkRegularFile, inFile } from "./file-errors.ts";
import { leftoversBeside } from "./temporary-files.ts";

/** A file, by device and inode. The numbers of some file systems do not fit 2^53. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Whether both are the same file. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** A regular file: which one, and how many names lead to it. */
export interface RegularFile extends FileIdentity {
  readonly nlink: bigint;
}

/** Facts about a regular file. @throws VmgsError VMGS_FILE_NOT_FOUND, VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE */
export async function regularFileAt(path: string): Promise<RegularFile> {
  const stats = await inFile(path, () => stat(path, { bigint: true }));
  checkRegularFile(stats, path);
  return stats;
}

/**
 * Refuses a file with several names: no lock can be beside all of them, and a replacement would take the place of one.
 *
 * @throws VmgsError VMGS_SEVERAL_LINKS
 */
export async function refuseSeveralLinks(
  target: string,
  file: FileIdentity & { readonly nlink: bigint },
  path = target,
): Promise<void> {
  if (file.nlink <= 1n) return;
  const facts = { path, links: Number(file.nlink) };
  for (const second of await leftoversBeside(target)) {
    const other = await stat(second, { bigint: true }).catch(() => null);
    if (other === null || !isSameFile(other, file)) continue;
    const message = `has a second name, ${second}, which an interrupted run left; delete the second name`;
    throw new VmgsError("VMGS_SEVERAL_LINKS", message, facts);
  }
  const message = `has ${file.nlink} names (hard links), and a writer under another name could not be kept out; make it a file of its own`;
  throw new VmgsError("VMGS_SEVERAL_LINKS", message, facts);
}

/**
 * Checks that a path still leads to the file that was looked at.
 *
 * @throws VmgsError VMGS_CHANGED_UNDERNEATH
 */
export async function checkStillThere(target: string, file: FileIdentity): Promise<void> {
  const now = await stat(target, { bigint: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  });
  if (now !== null && isSameFile(now, file)) return;
  const what = now === null ? "removed or renamed" : "replaced by another";
  throw new VmgsError("VMGS_CHANGED_UNDERNEATH", `was ${what} while it was open`, { path: target });
}
