/** Opening stores as the common options say: container, key, generation, lock, backup. */

import {
  type ContainerOptions,
  type Disk,
  type Generation,
  isVmgsError,
  openStoreSync,
  openWritableStore,
  type ParsedKey,
  parseKeyFile,
  type Secret,
  type Store,
  type SyncStore,
  storeWarnings,
  VmgsError,
  type Warning,
  type WritableDisk,
  type WritableStore,
} from "vmgskit";
import {
  guestStateVersion,
  guestStateVersionSync,
  openGuestStateSync,
  type SyncGuestState,
} from "vmgskit/guest-state";
import { copyDiskFile, nodeCipher, openDiskFile, openDiskFileSync, type SyncDiskFile } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { isAbort, UsageError } from "./exit-codes.ts";
import { aboutHostFile, checkHostPath } from "./host-files.ts";
import { InputLimit, readInputStart } from "./inputs.ts";
import { reportWarnings } from "./messages.ts";
import { looksLikeKey } from "./terminal/index.ts";

export function containerOptions(options: OptionValues): ContainerOptions {
  const container = options.disk as ContainerOptions["container"];
  const sectorSize =
    options.sectorSize === undefined ? undefined : (Number(options.sectorSize) as 512 | 4096);
  return { ...(container && { container }), ...(sectorSize && { sectorSize }) };
}

export function generationOf(options: OptionValues): Generation {
  return options.generation === "previous" ? "previous" : "current";
}

/** The path that an option, or the environment, gives for a key. */
export function keyPath(context: CommandContext, options: OptionValues, name = "key"): string | undefined {
  const fromEnvironment = name === "key" ? context.env.VMGS_KEY_FILE : undefined;
  return (options[name] as string | undefined) ?? (fromEnvironment || undefined);
}

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
  const path = keyPath(context, options, name);
  if (path === undefined) return undefined;
  const { key, form } = await readKeyAt(context, path, flagOf(name));
  if (context.verbose) await context.stderr.write(`vmgs: key read as ${form}\n`);
  return key;
}

/** `--new-key` for `newKey`. */
const flagOf = (name: string) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * The key in a file, or on standard input for `-`. `option` is what named it, for the message.
 *
 * @throws VmgsError VMGS_KEY_LENGTH, VMGS_FILE_NOT_FOUND; UsageError for a key in the place of a file name
 */
export async function readKeyAt(
  context: Pick<CommandContext, "readStdin" | "signal">,
  path: string,
  option: string,
): Promise<ParsedKey> {
  const content = await readKeyFile(context, path, option);
  const parsed = parseKeyFile(content);
  content.fill(0);
  return parsed;
}

async function readKeyFile(
  context: Pick<CommandContext, "readStdin" | "signal">,
  path: string,
  option: string,
): Promise<Uint8Array> {
  try {
    return await readInputStart(context, { path, role: "the key file", limit: InputLimit.key });
  } catch (error) {
    if (isAbort(error) || !looksLikeKey(path)) throw error;
    throw new UsageError(
      `${option} takes the name of a file, and what was given looks like a key`,
      "save the key in a file, or pass - to read it from standard input",
    );
  }
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
    const notVersion3 = isVmgsError(error, "VMGS_EMPTY_STORE") && guestStateVersionSync(disk) === 1;
    disk.close();
    // Without its primary GPT a version 1 file looks blank from its start: nobody must be advised to format it.
    throw notVersion3 ? new VmgsError("VMGS_V1_FORMAT", "a version 1 file without its primary GPT") : error;
  }
}

/** `vmgs inspect` tells all warnings; others only that the store may not be the one that is meant. */
function openingWarnings({ container }: Disk, { state }: Store | SyncStore): Warning[] {
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
  const key = await readKey(context, options);
  using opened = await openForReading(context, file, options);
  if (key !== undefined) await unlockIfEncrypted(opened.store, key);
  return await action(opened);
}

/**
 * Opens guest state of either version for reading, does something, closes. A version 1 file is never encrypted: a key
 * is then not used.
 */
export async function withGuestState<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (state: SyncGuestState, warnings: readonly Warning[]) => T | Promise<T>,
): Promise<T> {
  const key = await readKey(context, options);
  using disk = openDiskFileSync(file, containerOptions(options));
  const state = openGuestStateSync(disk, { cipher: nodeCipher, generation: generationOf(options) });
  const warnings = state.version === 1 ? disk.container.warnings : openingWarnings(disk, state.store);
  await reportWarnings(context, warnings, file);
  if (key !== undefined && state.version === 3) await unlockIfEncrypted(state.store, key);
  return await action(state, warnings);
}

/** True for a version 1 file, as Windows keeps it, sound or not; false also for what is no disk at all. */
export async function isV1File(file: string, options: OptionValues): Promise<boolean> {
  try {
    await using disk = await openDiskFile(file, containerOptions(options));
    return (await guestStateVersion(disk)) === 1;
  } catch (error) {
    if (isVmgsError(error)) return false;
    throw error;
  }
}

/** A key for a plain store is no mistake: scripts give it to every store. */
export async function unlockIfEncrypted(store: Store | SyncStore, key: Secret): Promise<void> {
  if (store.state.header.encryptionAlgorithm !== 0) await store.unlock(key);
}

/** Opens for writing under the lock, does something, closes. With `--dry-run` nothing can be written, not even the lock. */
export async function withWritableStore<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (store: WritableStore, warnings: readonly Warning[]) => Promise<T>,
): Promise<T> {
  const key = await readKey(context, options);
  context.signal.throwIfAborted();
  await using disk = await openForChange(file, options);
  const store = await openWritableStore(disk, { cipher: nodeCipher });
  context.changes.followStore(file, store);
  const warnings = openingWarnings(disk, store);
  await reportWarnings(context, warnings, file);
  if (key !== undefined) await unlockIfEncrypted(store, key);
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
