/** What commands read beside stores: files, FIFOs, process substitutions, devices, standard input. All have a limit. */

import { stat } from "node:fs/promises";
import { VmgsError } from "vmgskit";
import { openFileSource } from "vmgskit/node";
import type { Environment } from "./context.ts";
import { checkHostPath, type HostFileRole, hostFileError } from "./host-files.ts";

/** Bytes of the largest input of a kind. */
export const InputLimit = {
  /** Longer than any form of a key; longer content is refused by its length. */
  key: 4096,
  /** A certificate, a private key, or what goes into an NV index of a TPM. */
  certificate: 65_536,
  /** A state of a TPM in the format of its engine. */
  tpmState: 1024 * 1024,
  /** CUSTOM_UEFI and its templates: JSON with base64, for variables of at most 128 KiB. */
  document: 1024 * 1024,
  /**
   * A list of variables as JSON. Exports of Windows spell each byte as a number on a line of its own: some 22 characters
   * for each of 128 KiB, which is more than 1 MiB.
   */
  variables: 4 * 1024 * 1024,
  /** A DLL with firmware. */
  firmwareDll: 256 * 1024 * 1024,
} as const;

/** An input, as the message names it. */
export interface Input {
  /** `-` is standard input. */
  readonly path: string;
  readonly role: HostFileRole;
  readonly limit: number;
}

type InputContext = Pick<Environment, "readStdin" | "signal">;

/**
 * All of an input. Not more than `limit` bytes of it are held; a wait for it ends when the signal is aborted.
 *
 * @throws VmgsError VMGS_INPUT_TOO_LARGE, VMGS_FILE_NOT_FOUND and what else the system says
 */
export async function readInput(context: InputContext, input: Input): Promise<Uint8Array> {
  const { path, limit } = input;
  const stats = path === "-" ? undefined : await stat(path).catch(() => undefined);
  if (stats?.isFile() && stats.size > limit) throw tooLarge(input);
  const bytes = await readInputStart(context, { ...input, limit: limit + 1 });
  if (bytes.length > limit) throw tooLarge(input);
  return bytes;
}

/** The first `limit` bytes of an input, for callers that know by the length what is wrong. */
export async function readInputStart(
  { readStdin, signal }: InputContext,
  { path, role, limit }: Input,
): Promise<Uint8Array> {
  if (path === "-") return readStdin(limit);
  checkHostPath(path, role);
  // Sockets and terminals cost milliseconds to load: only what reads something waits for them.
  const { readStart } = await import("./waiting-files.ts");
  try {
    return await readStart(path, limit, signal);
  } catch (error) {
    throw hostFileError(error, path, role);
  }
}

/**
 * Bytes of the file around a store: more can't be put into it.
 *
 * @throws VmgsError when there is no such file
 */
export async function storeLimit(file: string): Promise<number> {
  await using image = await openFileSource(file);
  return image.byteLength;
}

function tooLarge({ path, role, limit }: Input): VmgsError {
  const what = path === "-" ? `${role} on standard input` : `${role} ${path}`;
  return new VmgsError("VMGS_INPUT_TOO_LARGE", `${what} has more than ${limit} bytes`, { path, limit });
}
