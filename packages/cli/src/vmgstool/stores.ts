/** Opening stores as the reference does: fixed VHDs of up to 4 GiB, and a key that is given must fit. */

import {
  isEncrypted,
  isLocked,
  openStoreSync,
  openWritableStore,
  type Secret,
  type Store,
  type StoreState,
  type SyncStore,
  storeWarnings,
  VmgsError,
  type Warning,
  type WritableStore,
} from "vmgskit";
import { nodeCipher, openDiskFile, openDiskFileSync } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import type { OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { readKeyAt } from "../stores.ts";
import { say, warn } from "./messages.ts";
import { MAX_FILE_BYTES } from "./values.ts";

/** A key, and whether it was given for this store or is there for all. */
export interface GivenKey {
  readonly secret: Secret;
  /** False for one from the environment: a plain store may ignore it. */
  readonly explicit: boolean;
}

/** The path of the key, from the command line or the environment. */
export function keyPathOf(context: CommandContext, options: OptionValues): string | undefined {
  return (options.keyPath as string | undefined) ?? (context.env.VMGS_KEY_FILE || undefined);
}

/** @throws VmgsError VMGS_KEY_LENGTH, VMGS_FILE_NOT_FOUND */
export async function readGivenKey(
  context: CommandContext,
  options: OptionValues,
): Promise<GivenKey | undefined> {
  const path = keyPathOf(context, options);
  if (path === undefined) return undefined;
  const secret = await readKeyFile(context, path, "--key-path");
  return { secret, explicit: options.keyPath !== undefined };
}

/** The key, for a command that can't be called without one. */
export async function requireKey(context: CommandContext, options: OptionValues): Promise<GivenKey> {
  const key = await readGivenKey(context, options);
  if (key !== undefined) return key;
  throw new UsageError("required option '-k, --key-path <FILE>' not specified");
}

/** Says when a key is not raw: the reference would have refused it. */
export async function readKeyFile(context: CommandContext, path: string, option: string): Promise<Secret> {
  const { key, form } = await readKeyAt(context, path, option).catch((error: unknown) => {
    // To scripts it is a file that does not exist.
    if (!(error instanceof UsageError)) throw error;
    throw new VmgsError("VMGS_FILE_NOT_FOUND", error.message);
  });
  if (form !== "raw" || context.verbose)
    await say(context, `${path === "-" ? "key" : path}: read as ${form} key`);
  return key;
}

/** A store that is open for reading, and unlocked when a key was given. */
export interface OpenedStore {
  readonly store: SyncStore;
  readonly warnings: readonly Warning[];
}

/** The store that is meant, and its key where the command takes one. */
export interface StoreToOpen {
  readonly file: string;
  readonly key?: GivenKey | undefined;
}

/** Opens for reading, does something, closes. Not one byte is written. */
export async function withStore<T>(
  context: CommandContext,
  { file, key }: StoreToOpen,
  action: (opened: OpenedStore) => T | Promise<T>,
): Promise<T> {
  using disk = openDiskFileSync(file, { container: "vhd" });
  checkSize(disk.container.fileBytes);
  const store = openStoreSync(disk, { cipher: nodeCipher });
  await unlock(store, key);
  const warnings = openingWarnings(store.state);
  await warn(context, warnings, file);
  return await action({ store, warnings });
}

/** A store that is open for writing. */
export interface ChangedStore {
  readonly store: WritableStore;
  readonly warnings: readonly Warning[];
}

/** Opens for writing under the lock, does something, closes. Opening writes nothing. */
export async function withWritableStore<T>(
  context: CommandContext,
  { file, key }: StoreToOpen,
  action: (changed: ChangedStore) => Promise<T>,
): Promise<T> {
  context.signal.throwIfAborted();
  await using disk = await openDiskFile(file, { container: "vhd", write: true });
  checkSize(disk.container.fileBytes);
  const store = await openWritableStore(disk, { cipher: nodeCipher });
  context.changes.followStore(file, store);
  await unlock(store, key);
  const warnings = openingWarnings(store.state);
  await warn(context, warnings, file);
  return await action({ store, warnings });
}

/** @throws VmgsError VMGS_DISK_SIZE above 4 GiB */
export function checkSize(fileBytes: number): void {
  if (fileBytes <= MAX_FILE_BYTES) return;
  throw new VmgsError("VMGS_DISK_SIZE", `the file has ${fileBytes} bytes, more than 4 GiB`, {
    bytes: fileBytes,
    limit: MAX_FILE_BYTES,
  });
}

async function unlock(store: Store | SyncStore, key: GivenKey | undefined): Promise<void> {
  if (key !== undefined && (key.explicit || isEncrypted(store.state))) await store.unlock(key.secret);
}

/** @throws VmgsError VMGS_NEEDS_UNLOCK */
export function requireUnlocked(state: StoreState): void {
  if (isLocked(state)) {
    throw new VmgsError("VMGS_NEEDS_UNLOCK", "the store is encrypted, and no key was given");
  }
}

function openingWarnings(state: StoreState): Warning[] {
  return storeWarnings(state).filter(({ code }) => code === "VMGS_ACTIVE_HEADER_LOST");
}

/** For commands that could say more with a key. */
export function lockedWarnings(state: StoreState): Warning[] {
  if (!isLocked(state)) return [];
  const message = "the store is encrypted and no key was given; only what the file table says is known";
  return [{ code: "VMGS_LOCKED", message }];
}
