/** Opening stores for reading, as the common options say: container, key, generation. */

import {
  type ContainerOptions,
  type Disk,
  type Generation,
  isVmgsError,
  openStoreSync,
  type ParsedKey,
  parseKeyFile,
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
import { isAbort, UsageError } from "./exit-codes.ts";
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
  const key = await readKey(context, options);
  using opened = await openForReading(context, file, options);
  if (key !== undefined) await unlockIfEncrypted(opened.store, key);
  return await action(opened);
}

/** A key for a plain store is no mistake: scripts give it to every store. */
export async function unlockIfEncrypted(store: Store | SyncStore, key: Secret): Promise<void> {
  if (store.state.header.encryptionAlgorithm !== 0) await store.unlock(key);
}
