/** Opening stores as the common options say: container, key, generation, lock, backup. */

import { constants } from "node:fs";
import { copyFile, readFile, stat } from "node:fs/promises";
import {
  type ContainerOptions,
  type Generation,
  openStoreSync,
  openWritableStore,
  parseKeyFile,
  type Secret,
  type Store,
  type SyncStore,
  VmgsError,
  type WritableStore,
} from "vmgskit";
import {
  nodeCipher,
  openDiskFile,
  openDiskFileSync,
  type SyncDiskFile,
  type WritableDiskFile,
} from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";

export function containerOptions(options: OptionValues): ContainerOptions {
  const container = options.disk as ContainerOptions["container"];
  const sectorSize =
    options.sectorSize === undefined ? undefined : (Number(options.sectorSize) as 512 | 4096);
  return { ...(container && { container }), ...(sectorSize && { sectorSize }) };
}

export function generationOf(options: OptionValues): Generation {
  return options.generation === "previous" ? "previous" : "current";
}

/** Bytes above which a file is not taken for a key. */
const MAX_KEY_FILE = 4096;

/**
 * The datastore key that an option, or the environment, names; undefined when none is given.
 *
 * @throws VmgsError VMGS_KEY_LENGTH, VMGS_FILE_NOT_FOUND
 */
export async function readKey(
  context: CommandContext,
  options: OptionValues,
  name = "key",
): Promise<Secret | undefined> {
  const fromEnvironment = name === "key" ? context.env.VMGS_KEY_FILE : undefined;
  const path = (options[name] as string | undefined) ?? (fromEnvironment || undefined);
  if (path === undefined) return undefined;
  const content = path === "-" ? await context.readStdin() : await readSmallFile(path);
  const { key, form } = parseKeyFile(content);
  content.fill(0);
  if (context.verbose) await context.stderr.write(`vmgs: key read as ${form}\n`);
  return key;
}

async function readSmallFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_KEY_FILE) {
      throw new VmgsError("VMGS_KEY_LENGTH", `the key file has ${size} bytes; it is no key`, {
        path,
        bytes: size,
      });
    }
    return await readFile(path);
  } catch (error) {
    throw hostFileError(error, path, "the key file");
  }
}

/** A host file other than a store that can't be used, in words. */
export function hostFileError(error: unknown, path: string, what: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof VmgsError || typeof code !== "string") return error;
  const words: Readonly<Record<string, readonly [VmgsError["code"], string]>> = {
    ENOENT: ["VMGS_FILE_NOT_FOUND", "does not exist"],
    EISDIR: ["VMGS_IS_DIRECTORY", "is a directory"],
    EEXIST: ["VMGS_FILE_EXISTS", "exists already"],
    EACCES: ["VMGS_ACCESS_DENIED", "can't be accessed"],
    EPERM: ["VMGS_ACCESS_DENIED", "can't be accessed"],
    ENOSPC: ["VMGS_DISK_FULL", "does not fit the disk"],
    EROFS: ["VMGS_READ_ONLY_MEDIA", "lies on read-only media"],
  };
  const [ours, why] = words[code] ?? (["VMGS_IO", `failed with ${code}`] as const);
  return new VmgsError(ours, `${what} ${path} ${why}`, { path }, { cause: error });
}

/** The key, when the command can't go on without one. */
export async function requireKey(
  context: CommandContext,
  options: OptionValues,
  name = "key",
): Promise<Secret> {
  const key = await readKey(context, options, name);
  if (key !== undefined) return key;
  const flag = name === "key" ? "--key FILE" : "--new-key FILE";
  throw new UsageError(
    `${flag} is needed`,
    "a file with 32 raw bytes, 64 hex digits or base64; - = standard input",
  );
}

/** A store that is open for reading, with the disk under it. */
export interface OpenedStore {
  readonly disk: SyncDiskFile;
  readonly store: SyncStore;
}

/** Opens for reading, does something, closes. Unlocks when a key is given. */
export async function withStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (opened: OpenedStore) => T | Promise<T>,
): Promise<T> {
  const key = await readKey(context, options);
  using disk = openDiskFileSync(file, containerOptions(options));
  const store = openStoreSync(disk, { cipher: nodeCipher, generation: generationOf(options) });
  if (key !== undefined) await unlockIfEncrypted(store, key);
  return await action({ disk, store });
}

/** A key for a plain store is no mistake: scripts give it to every store. */
export async function unlockIfEncrypted(store: Store | SyncStore, key: Secret): Promise<void> {
  if (store.state.header.encryptionAlgorithm !== 0) await store.unlock(key);
}

/** A store that is open for writing, with the disk under it. */
export interface OpenedWritableStore {
  readonly disk: WritableDiskFile;
  readonly store: WritableStore;
}

/** Opens for writing under the lock, makes the backup that was asked for, does something, closes. */
export async function withWritableStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (opened: OpenedWritableStore) => Promise<T>,
): Promise<T> {
  const key = await readKey(context, options);
  await using disk = await openDiskFile(file, { ...containerOptions(options), write: true });
  const store = await openWritableStore(disk, { cipher: nodeCipher });
  if (key !== undefined) await unlockIfEncrypted(store, key);
  if (options.dryRun !== true) await makeBackup(file, options);
  return await action({ disk, store });
}

/** Copies the file to where `--backup` says. */
export async function makeBackup(file: string, options: OptionValues): Promise<void> {
  const target = options.backup as string | undefined;
  if (target === undefined) return;
  try {
    await copyFile(file, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    throw hostFileError(error, target, "the backup");
  }
}
