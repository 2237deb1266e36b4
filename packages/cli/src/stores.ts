/** Opening stores for reading, as the common options say: container, key, generation. */

import {
  type Disk,
  isVmgsError,
  openStoreSync,
  type Secret,
  type Store,
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

export { readKeyAt } from "./key-files.ts";
export { keyPath, readKey, readStoreKey, requireKey, type StoreKeys, storeKeys } from "./keys.ts";
export { containerOptions, generationOf };

/** A store that is open for reading, with the disk under it. */
export interface OpenedStore extends Disposable {
  readonly disk: SyncDiskFile;
  readonly store: SyncStore;
  /** What is worth knowing about what is read; told to people already. */
  readonly warnings: readonly Warning[];
}

/** The store on an open disk, in the generation that the options ask for. */
export function openStoreOn(disk: SyncDiskFile, options: OptionValues): SyncStore {
  return openStoreSync(disk, { cipher: nodeCipher, generation: generationOf(options) });
}

/** Opens for reading; an encrypted store stays locked. */
export async function openForReading(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<OpenedStore> {
  const disk = openDiskFileSync(file, containerOptions(options));
  try {
    const store = openStoreOn(disk, options);
    const warnings = openingWarnings(disk, store);
    await reportWarnings(context, warnings, file);
    return { disk, store, warnings, [Symbol.dispose]: () => disk.close() };
  } catch (error) {
    const found = await notVersion3(disk, error);
    disk.close();
    throw found;
  }
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
