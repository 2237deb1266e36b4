/** What the operating system says about a file, as errors of this library. */

import { checkFlag, checkText, optionsOf } from "../arguments/index.ts";
import { type ErrorCode, VmgsError } from "../index.ts";

/** What is said of the file, after its name. */
const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["VMGS_FILE_NOT_FOUND", "does not exist"],
  ENOTDIR: ["VMGS_FILE_NOT_FOUND", "lies under a file that is not a folder"],
  EISDIR: ["VMGS_IS_DIRECTORY", "is a directory"],
  EEXIST: ["VMGS_FILE_EXISTS", "exists already"],
  EACCES: ["VMGS_ACCESS_DENIED", "can't be accessed"],
  EPERM: ["VMGS_ACCESS_DENIED", "can't be accessed"],
  EROFS: ["VMGS_READ_ONLY_MEDIA", "lies on read-only media"],
  ENOSPC: ["VMGS_DISK_FULL", "does not fit the disk"],
  EDQUOT: ["VMGS_DISK_FULL", "does not fit the disk quota"],
  EFBIG: ["VMGS_DISK_FULL", "is larger than the file system allows"],
  ERR_FS_FILE_TOO_LARGE: ["VMGS_FILE_TOO_LARGE", "is larger than 2 GiB"],
};

/** How an error speaks of a file. */
export interface FileErrorWords {
  /** What stands before the words about the file, such as `the key file vm.key`; nothing unless given. */
  readonly subject?: string;
  /** The file was about to be made: what does not exist is its folder. */
  readonly making?: boolean;
}

const checkWords = optionsOf({ subject: checkText, making: checkFlag });

/**
 * Turns an error of `node:fs` into one of ours, with the system's as its cause; others are returned as they are. This is
 * the one place that knows what the system's error names mean.
 */
export function fileError(error: unknown, path: string | null, words: FileErrorWords = {}): unknown {
  if (path !== null) checkText(path, "path");
  checkWords(words, "words");
  const { subject, making = false } = words;
  const system = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof VmgsError || typeof system !== "string") return error;
  const [code, said] =
    making && system === "ENOENT"
      ? (["VMGS_FILE_NOT_FOUND", "would lie in a folder that does not exist"] as const)
      : (CODES[system] ?? (["VMGS_IO", `failed with ${system}`] as const));
  const message = subject === undefined ? said : `${subject} ${said}`;
  return new VmgsError(code, message, path === null ? {} : { path }, { cause: error });
}

/** Does something to a file; what the operating system says comes as one of our errors. */
export async function inFile<T>(
  path: string,
  operation: () => Promise<T>,
  words: FileErrorWords = {},
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw fileError(error, path, words);
  }
}

/** @throws VmgsError VMGS_PATH_EMPTY */
export function checkPath(path: string): void {
  if (path === "") throw new VmgsError("VMGS_PATH_EMPTY", "the path is empty");
  if (path.includes("\0")) throw new VmgsError("VMGS_FILE_NOT_FOUND", "the path has a NUL character");
}

/**
 * Refuses the path of a file or folder that will be made when it is empty, or holds the replacement character: Node.js
 * gives that for bytes that are not UTF-8, and the file would get another name than was asked for.
 *
 * @throws VmgsError VMGS_PATH_EMPTY, VMGS_PATH_NOT_UTF8
 */
export function checkNewPath(path: string, words: Pick<FileErrorWords, "subject"> = {}): void {
  checkText(path, "path");
  checkWords(words, "words");
  checkPath(path);
  if (!path.includes("\ufffd")) return;
  const said = "would get another name: bytes of this one are not UTF-8";
  const message = words.subject === undefined ? said : `${words.subject} ${said}`;
  throw new VmgsError("VMGS_PATH_NOT_UTF8", message, { path });
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
