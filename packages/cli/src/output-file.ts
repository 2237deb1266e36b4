/** Where bytes go: to a file, completely or not at all, or to standard output. */

import type { Stats } from "node:fs";
import { access, chmod, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import { checkHostPath, hostFileError } from "./host-files.ts";
import { isSafeText } from "./terminal/index.ts";
import { writeThrough } from "./waiting-files.ts";

/** Who may read a file that is made. One that holds seeds or private keys is for its owner only. */
export const FileMode = { usual: 0o666, secret: 0o600 } as const;

/**
 * Writes bytes of the store `file` (null: they come from no file) to where `-o` says, else to standard output. Bytes
 * that are no text never go to a terminal unless `-o -` asks for it. A file that exists keeps its mode; a new one gets
 * `mode`.
 *
 * @throws UsageError for binary output on a terminal, and for the store itself as the target
 */
export async function writeBytes(
  context: CommandContext,
  options: OptionValues,
  file: string | null,
  bytes: Uint8Array,
  mode: number = FileMode.usual,
): Promise<void> {
  const target = options.output as string | undefined;
  if (target !== undefined && target !== "-") {
    await writeWhole(target, file, bytes, { mode, signal: context.signal });
    return;
  }
  if (target === undefined && context.stdout.isTerminal && !isPlainText(bytes)) {
    throw new UsageError(
      "the content is binary, and standard output is a terminal",
      "use -o FILE, a pipe, or -o -",
    );
  }
  await context.stdout.write(bytes);
}

/** How a file is written. */
export interface WholeFileOptions {
  /** What named the target, for the message; `--output` by default. */
  readonly option?: string;
  /** Mode of a new file; as usual by default. */
  readonly mode?: number;
  /** Ends a wait for the reader of a FIFO. */
  readonly signal: AbortSignal;
  /** Whether a file that exists keeps its own mode; true by default. */
  readonly keepMode?: boolean;
}

/**
 * Writes a file at once: other readers of a regular file see the old content or the new, never a part.
 *
 * @param source file that the bytes come from, which must not be replaced; null when there is none
 */
export async function writeWhole(
  target: string,
  source: string | null,
  bytes: Uint8Array,
  { option = "--output", mode: newMode = FileMode.usual, keepMode = true, signal }: WholeFileOptions,
): Promise<void> {
  checkHostPath(target, "the output file");
  try {
    const existing = await stat(target).catch(() => undefined);
    if (source !== null) await refuseSourceItself(existing, source, option);
    if (existing !== undefined && !existing.isFile()) {
      await writeThrough(target, bytes, signal);
      return;
    }
    const path = existing === undefined ? target : await realpath(target);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      // Somebody may have made the file private before there was anything in it.
      const mode = keepMode && existing !== undefined ? existing.mode : newMode;
      await writeFile(temporary, bytes, { flag: "wx", mode });
      if (existing !== undefined) await chmod(temporary, mode);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw hostFileError(error, target, "the output file");
  }
}

/**
 * Says early that there is no place for an output, before something is done that can't be undone.
 *
 * @throws VmgsError
 */
export async function checkOutputFolder(target: string): Promise<void> {
  checkHostPath(target, "the output file");
  try {
    await access(dirname(target));
  } catch (error) {
    throw hostFileError(error, target, "the output file");
  }
}

async function refuseSourceItself(
  existing: Stats | undefined,
  source: string,
  option: string,
): Promise<void> {
  if (existing === undefined) return;
  // Standard input is called `-`, which is no file.
  const read = await stat(source).catch(() => undefined);
  if (existing.dev === read?.dev && existing.ino === read.ino) {
    throw new UsageError(`${option} names the store itself, which would be lost`, "choose another file");
  }
}

function isPlainText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return isSafeText(text.replaceAll(/[\n\t]/g, " "));
  } catch {
    return false;
  }
}
