/** Files of the host other than stores: keys, sources, outputs, backups. What the system says of them, in words. */

import { isVmgsError, VmgsError } from "vmgskit";
import { checkNewPath, fileError } from "vmgskit/node";

/** The role of a file in a command, as the message names it. */
export type HostFileRole =
  | "the key file"
  | "the tenant key"
  | "the signing key"
  | "the wrapped key"
  | "the passphrase file"
  | "the source file"
  | "the JSON file"
  | "the state file"
  | "the certificate"
  | "the authorization value"
  | "the AK"
  | "the output file"
  | "the output folder"
  | "the backup"
  | "the variable list"
  | "the template"
  | "the DLL";

const MADE_BY_US: readonly HostFileRole[] = ["the output file", "the output folder", "the backup"];

/** A host file that can't be used. Errors that the system did not raise are returned as they are. */
export function hostFileError(error: unknown, path: string, role: HostFileRole): unknown {
  return fileError(error, path, { subject: `${role} ${path}`, making: MADE_BY_US.includes(role) });
}

/** Does something to a host file other than the store: errors name it, since the message begins with the store. */
export async function aboutHostFile<T>(
  path: string,
  role: HostFileRole,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isVmgsError(error)) throw hostFileError(error, path, role);
    if (error.facts.path !== path) throw error;
    throw new VmgsError(error.code, `${role} ${path} ${error.message}`, error.facts, { cause: error });
  }
}

/** A standard stream that failed. */
export function streamError(error: unknown, name: "standard input" | "standard output"): unknown {
  return fileError(error, null, { subject: name });
}

/** @throws VmgsError VMGS_PATH_EMPTY; VMGS_PATH_NOT_UTF8 for a file or folder that is to be made */
export function checkHostPath(path: string, role: HostFileRole): void {
  if (path === "") throw new VmgsError("VMGS_PATH_EMPTY", `the path of ${role} is empty`);
  if (MADE_BY_US.includes(role)) checkNewPath(path, { subject: `${role} ${path}` });
}
