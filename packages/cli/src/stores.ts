/** Opening stores for reading, as the common options say: container, key, generation. */

import {
  type Disk,
  isVmgsError,
  memorySource,
  openDiskSync,
  openStore,
  openStoreSync,
  type Secret,
  type Store,
  type SyncDisk,
  type SyncStore,
  storeWarnings,
  VmgsError,
  type Warning,
} from "vmgskit";
import { nodeCipher, openDiskFileSync, type SyncDiskFile } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { readStoreKey } from "./keys.ts";
import { reportWarnings } from "./messages.ts";
import { containerOptions, generationOf } from "./open-options.ts";
import { placeKind } from "./places/place-name.ts";
import { bytesOfPlace, openDiskForReading, placeAfter } from "./reading.ts";

export { readKeyAt } from "./key-files.ts";
export { keyPath, readKey, readStoreKey, requireKey, type StoreKeys, storeKeys, triedKey } from "./keys.ts";
export { containerOptions, generationOf };

/** A store that is open for reading, with the disk under it. */
export interface OpenedStore extends Disposable {
  readonly disk: Disk;
  readonly store: Store | SyncStore;
  /** What is worth knowing about what is read; told to people already. */
  readonly warnings: readonly Warning[];
}

/** The store on an open disk, in the generation that the options ask for. */
export function openStoreOn(disk: SyncDisk, options: OptionValues): SyncStore {
  return openStoreSync(disk, { cipher: nodeCipher, generation: generationOf(options) });
}

/** Opens for reading; an encrypted store stays locked. */
export async function openForReading(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<OpenedStore> {
  const local = await openLocal(context, file, options);
  const disk = local ?? (await openDiskForReading(context, file, options));
  const close = () => local?.close();
  try {
    const store =
      local === null
        ? await openStore(disk, { cipher: nodeCipher, generation: generationOf(options) })
        : openStoreOn(local, options);
    const warnings = openingWarnings(disk, store);
    await reportWarnings(context, warnings, file);
    return { disk, store, warnings, [Symbol.dispose]: close };
  } catch (error) {
    const found = await notVersion3(disk, error);
    close();
    throw found;
  }
}

/** A plain local file, which is read without waiting; null for what is opened as a place. */
async function openLocal(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<SyncDiskFile | null> {
  if (placeKind(file) !== "file") return null;
  try {
    return openDiskFileSync(file, containerOptions(options));
  } catch (error) {
    await placeAfter(error, context, file, options);
    return null;
  }
}

/** The disk in a file, to be read without waiting: a place elsewhere is read into memory, whole. */
export async function openSyncDiskForReading(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<SyncDisk & Disposable> {
  const local = await openLocal(context, file, options);
  if (local !== null) return local;
  const bytes = await bytesOfPlace(context, file, options);
  return {
    ...openDiskSync(memorySource(bytes), containerOptions(options)),
    [Symbol.dispose]: () => undefined,
  };
}

/**
 * Why a disk with a GPT is not a store, in more words than its start allows: without its primary GPT a version 1 file
 * looks blank, and must not be formatted because of that; the disk of something else is not a version 1 file.
 */
export async function notVersion3(disk: Disk, error: unknown): Promise<unknown> {
  if (!isVmgsError(error, "VMGS_EMPTY_STORE", "VMGS_V1_FORMAT")) return error;
  const { guestStateVersion, openGuestState } = await import("vmgskit/guest-state");
  if ((await guestStateVersion(disk)) !== 1) return error;
  try {
    await openGuestState(disk);
  } catch (why) {
    if (isVmgsError(why, "VMGS_V1_NO_PARTITION")) return why;
    if (!isVmgsError(why)) throw why;
  }
  if (error.code === "VMGS_V1_FORMAT") return error;
  return new VmgsError("VMGS_V1_FORMAT", "a version 1 file without its primary GPT");
}

/** `vmgs inspect` shows all warnings; others only that the store may not be the one that is meant. */
export function openingWarnings({ container }: Disk, { state }: Store | SyncStore): Warning[] {
  const lost = storeWarnings(state).filter(({ code }) => code === "VMGS_ACTIVE_HEADER_LOST");
  return [...container.warnings, ...(state.generation === "current" ? lost : [])];
}

/** Opens for reading, does something, closes. Unlocks when a key is given. */
export async function withStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (opened: OpenedStore) => T | Promise<T>,
): Promise<T> {
  const key = await readStoreKey(context, options, file);
  using opened = await openForReading(context, file, options);
  if (key !== undefined) await unlockIfEncrypted(opened.store, key);
  return await action(opened);
}

/** A key for a plain store is no mistake: scripts give it to every store. */
export async function unlockIfEncrypted(store: Store | SyncStore, key: Secret): Promise<void> {
  if (store.state.header.encryptionAlgorithm !== 0) await store.unlock(key);
}
