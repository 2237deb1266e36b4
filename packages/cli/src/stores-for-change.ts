/** Opening stores for writing, as the common options say: lock, dry run, backup. */

import { openWritableStore, VmgsError, type Warning, type WritableDisk, type WritableStore } from "vmgskit";
import { copyDiskFile, nodeCipher, openDiskFile } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { aboutHostFile, checkHostPath } from "./host-files.ts";
import { reportWarnings } from "./messages.ts";
import { containerOptions, notVersion3, openingWarnings, readStoreKey, unlockIfEncrypted } from "./stores.ts";

/** Opens for writing under the lock, does something, closes. With `--dry-run` nothing can be written, not even the lock. */
export async function withWritableStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (store: WritableStore, warnings: readonly Warning[]) => Promise<T>,
): Promise<T> {
  const key = await readStoreKey(context, options, file);
  return withLockedStore(context, file, options, async (store, warnings) => {
    if (key !== undefined) await unlockIfEncrypted(store, key);
    return action(store, warnings);
  });
}

/** The same without a key. */
export async function withLockedStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (store: WritableStore, warnings: readonly Warning[]) => Promise<T>,
): Promise<T> {
  context.signal.throwIfAborted();
  await using disk = await openForChange(file, options);
  const store = await openWritableStore(disk, { cipher: nodeCipher }).catch(async (error: unknown) => {
    throw await notVersion3(disk, error);
  });
  context.changes.followStore(file, store);
  const warnings = openingWarnings(disk, store);
  await reportWarnings(context, warnings, file);
  return await action(store, warnings);
}

/** A disk that is locked for writing; with `--dry-run` one that can't be written. */
export async function openForChange(
  file: string,
  options: OptionValues,
): Promise<WritableDisk & AsyncDisposable> {
  if (options.dryRun !== true) return openDiskFile(file, { ...containerOptions(options), write: true });
  const refuse = () => Promise.reject(new VmgsError("VMGS_READ_ONLY_STORE", "a dry run writes nothing"));
  return { ...(await openDiskFile(file, containerOptions(options))), write: refuse, flush: refuse };
}

/** Copies the file to where `--backup` says, with its permissions and owner. */
export async function makeBackup(file: string, options: OptionValues): Promise<void> {
  const target = options.backup as string | undefined;
  if (target === undefined) return;
  checkHostPath(target, "the backup");
  await aboutHostFile(target, "the backup", () => copyDiskFile(file, target));
}
