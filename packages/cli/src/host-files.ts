/** Files of the host other than stores: keys, sources, outputs, backups. What the system says of them, in words. */

import { VmgsError } from "vmgskit";

/** The role of a file in a command, as the message names it. */
export type HostFileRole =
  | "the key file"
  | "the source file"
  | "the JSON file"
  | "the state file"
  | "the certificate"
  | "the authorization value"
  | "the AK"
  | "the output file"
  | "the output folder"
  | "the backup"
  | "the new store"
  | "the variable list"
  | "the template"
  | "the DLL";

const MADE_BY_US: readonly HostFileRole[] = [
  "the output file",
  "the output folder",
  "the backup",
  "the new store",
];

const WORDS: Readonly<Record<string, readonly [VmgsError["code"], string]>> = {
  ENOENT: ["VMGS_FILE_NOT_FOUND", "does not exist"],
  ENOTDIR: ["VMGS_FILE_NOT_FOUND", "lies under a file that is no folder"],
  EISDIR: ["VMGS_IS_DIRECTORY", "is a directory"],
  EEXIST: ["VMGS_FILE_EXISTS", "exists already"],
  EACCES: ["VMGS_ACCESS_DENIED", "can't be accessed"],
  EPERM: ["VMGS_ACCESS_DENIED", "can't be accessed"],
  ENOSPC: ["VMGS_DISK_FULL", "does not fit the disk"],
  EDQUOT: ["VMGS_DISK_FULL", "does not fit the disk quota"],
  EFBIG: ["VMGS_DISK_FULL", "is larger than the file system allows"],
  EROFS: ["VMGS_READ_ONLY_MEDIA", "lies on read-only media"],
  ERR_FS_FILE_TOO_LARGE: ["VMGS_FILE_TOO_LARGE", "is larger than 2 GiB"],
};

/** A host file that can't be used. Errors that the system did not raise are returned as they are. */
export function hostFileError(error: unknown, path: string, role: HostFileRole): unknown {
  const system = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof VmgsError || typeof system !== "string") return error;
  const missingFolder = system === "ENOENT" && MADE_BY_US.includes(role);
  const [code, why] = missingFolder
    ? (["VMGS_FILE_NOT_FOUND", "would lie in a folder that does not exist"] as const)
    : (WORDS[system] ?? (["VMGS_IO", `failed with ${system}`] as const));
  return new VmgsError(code, `${role} ${path} ${why}`, { path }, { cause: error });
}

/** A standard stream that failed. */
export function streamError(error: unknown, name: "standard input" | "standard output"): unknown {
  const system = (error as NodeJS.ErrnoException | null)?.code;
  if (error instanceof VmgsError || typeof system !== "string") return error;
  const [code] = WORDS[system] ?? (["VMGS_IO"] as const);
  return new VmgsError(code, `${name} failed with ${system}`, {}, { cause: error });
}

/** @throws VmgsError VMGS_PATH_EMPTY */
export function checkHostPath(path: string, role: HostFileRole): void {
  if (path === "") throw new VmgsError("VMGS_PATH_EMPTY", `the path of ${role} is empty`);
}
