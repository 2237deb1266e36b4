/** The files that a command line names: what a command writes is never what it reads. */

import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type CommandArguments,
  type CommandDeclaration,
  type OptionValues,
  optionName,
} from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";

interface NamedFile {
  /** As the command line names it: `--key`, `FILE`. */
  readonly label: string;
  readonly path: string;
  readonly output: boolean;
}

/**
 * Refuses an output over another file of the same command: a store, a key, a source, another output. Files that exist
 * are compared by device and inode, others by the path that leads to them.
 *
 * @throws UsageError
 */
export async function checkFiles(
  command: CommandDeclaration,
  args: CommandArguments,
  options: OptionValues,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const files = [...namedArguments(command, args), ...namedOptions(command, options, env)];
  if (files.length < 2 || !files.some(({ output }) => output)) return;
  const identities = await Promise.all(files.map(({ path }) => identityOf(path)));
  for (const [i, { label, output }] of files.entries()) {
    const same = files.find((_, j) => j !== i && identities[j] !== null && identities[j] === identities[i]);
    if (!output || same === undefined) continue;
    throw new UsageError(
      `${label} names the same file as ${same.label}, which would be lost`,
      "choose another file",
    );
  }
}

/** Arguments are files where shell completion offers files. */
function namedArguments({ args }: CommandDeclaration, values: CommandArguments): NamedFile[] {
  return args.flatMap(({ name, choices, complete, output = false }, i) => {
    if (choices !== undefined || complete !== undefined) return [];
    return pathsIn(values[i]).map((path) => ({ label: name, path, output }));
  });
}

function namedOptions(
  { options }: CommandDeclaration,
  values: OptionValues,
  env: Readonly<Record<string, string | undefined>>,
): NamedFile[] {
  return options.flatMap(({ flags, output = false }) => {
    const { long, value } = optionName(flags);
    if (value !== "FILE") return [];
    const given = values[long.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    const isKey = !output && (long === "--key" || long === "--key-path");
    if (given === undefined && isKey) {
      return pathsIn(env.VMGS_KEY_FILE).map((path) => ({ label: "VMGS_KEY_FILE", path, output }));
    }
    return pathsIn(given).map((path) => ({ label: long, path, output }));
  });
}

/** `-` is standard input or output. */
function pathsIn(value: CommandArguments[number] | boolean): string[] {
  const values = typeof value === "string" ? [value] : Array.isArray(value) ? (value as string[]) : [];
  return values.filter((path) => path !== "" && path !== "-");
}

/** What two paths to one file have in common; null for devices and pipes, which writing does not replace. */
async function identityOf(path: string): Promise<string | null> {
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? `${stats.dev}:${stats.ino}` : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return null;
  }
  // The command itself says what is wrong with the folder.
  return realpath(dirname(path)).then(
    (folder) => join(folder, basename(path)),
    () => null,
  );
}
