/** What the operating system says about a file, as errors of this library. */

import { type ErrorCode, VmgsError } from "../index.ts";

const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["VMGS_FILE_NOT_FOUND", "there is no such file"],
  ENOTDIR: ["VMGS_FILE_NOT_FOUND", "a part of the path is not a directory"],
  EISDIR: ["VMGS_IS_DIRECTORY", "is a directory"],
  EEXIST: ["VMGS_FILE_EXISTS", "the file exists"],
  EACCES: ["VMGS_ACCESS_DENIED", "access denied"],
  EPERM: ["VMGS_ACCESS_DENIED", "access denied"],
  EROFS: ["VMGS_READ_ONLY_MEDIA", "lies on read-only media"],
  ENOSPC: ["VMGS_DISK_FULL", "no space left on the disk that holds the file"],
  EDQUOT: ["VMGS_DISK_FULL", "the disk quota is used up"],
  EFBIG: ["VMGS_DISK_FULL", "the file system allows no file of this size"],
};

/** Turns an error of `node:fs` into one of ours, with the system's as its cause; others are returned as they are. */
export function fileError(error: unknown, path: string): unknown {
  const system = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof VmgsError || typeof system !== "string") return error;
  const [code, words] = CODES[system] ?? (["VMGS_IO", `I/O error ${system}`] as const);
  return new VmgsError(code, words, { path }, { cause: error });
}

/** Does something to a file; what the operating system says comes as one of our errors. */
export async function inFile<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw fileError(error, path);
  }
}

/** @throws VmgsError VMGS_PATH_EMPTY */
export function checkPath(path: string): void {
  if (path === "") throw new VmgsError("VMGS_PATH_EMPTY", "the path is empty");
  if (path.includes("\0")) throw new VmgsError("VMGS_FILE_NOT_FOUND", "the path has a NUL character");
}

/** The part of `fs.Stats` that is looked at. */
interface FileKind {
  isDirectory(): boolean;
  isFile(): boolean;
}

/** @throws VmgsError VMGS_IS_DIRECTORY, VMGS_NOT_A_FILE */
export function checkRegularFile(stats: FileKind, path: string): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new VmgsError("VMGS_IS_DIRECTORY", "is a directory", { path });
  throw new VmgsError("VMGS_NOT_A_FILE", "is not a regular file", { path });
}
