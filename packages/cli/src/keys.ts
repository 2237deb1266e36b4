/** The datastore key of a store: read from a file, or derived from the store's own protectors. */

import { isVmgsError, type Secret, type VmgsError } from "vmgskit";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import { readKeyAt } from "./key-files.ts";
import { givesKeySources } from "./key-options.ts";

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

/** The key of the store in a file of the host; undefined when none is given, or the store needs none. */
export type StoreKeys = (file: string) => Promise<Secret | undefined>;

/**
 * The datastore keys of the stores that a command is about: one that was given, or for each store the one that is
 * derived from its own protectors. What the options name is read once.
 *
 * @throws UsageError; VmgsError VMGS_WRONG_KEY when no derived key opens the store, and as `readKey`
 */
export function storeKeys(context: CommandContext, options: OptionValues): StoreKeys {
  if (!givesKeySources(options)) {
    const key = once(() => readKey(context, options));
    return () => key();
  }
  if (options.key !== undefined) {
    throw new UsageError("--key excludes the options that derive a key");
  }
  const sources = once(async () => {
    const { readKeySources } = await import("./key-sources.ts");
    return readKeySources(context, options);
  });
  return async (file) => {
    const { derivedKey } = await import("./key-sources.ts");
    return derivedKey(context, file, options, await sources());
  };
}

/** What a diagnosis knows of a store's key. */
export interface TriedKey {
  /** Undefined when none is given, or none could be derived. */
  readonly key?: Secret;
  /** Why no derived key opens the store: the caller's mistake, which does not hide what can be seen without a key. */
  readonly keyFailure: VmgsError | null;
}

/**
 * The key of a store for commands that show what can be seen without one, too.
 *
 * @throws as `storeKeys`, but for derived keys that do not open the store
 */
export async function triedKey(keyOf: StoreKeys, file: string): Promise<TriedKey> {
  try {
    const key = await keyOf(file);
    return { ...(key && { key }), keyFailure: null };
  } catch (error) {
    if (isVmgsError(error, "VMGS_WRONG_KEY")) return { keyFailure: error };
    throw error;
  }
}

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= action();
    return result;
  };
}

/** The same for a command about one store. */
export async function readStoreKey(
  context: CommandContext,
  options: OptionValues,
  file: string,
): Promise<Secret | undefined> {
  return storeKeys(context, options)(file);
}
