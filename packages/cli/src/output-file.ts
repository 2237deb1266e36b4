/** Where bytes go: to a file, completely or not at all, or to standard output. */

import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import { hostFileError } from "./stores.ts";

/**
 * Writes bytes to where `-o` says, else to standard output. Bytes that are no text never go to a terminal.
 *
 * @throws UsageError for binary output on a terminal
 */
export async function writeBytes(
  context: CommandContext,
  options: OptionValues,
  bytes: Uint8Array,
): Promise<void> {
  const target = options.output as string | undefined;
  if (target !== undefined && target !== "-") {
    await writeWhole(target, bytes);
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

/** Other readers of a regular file see the old content or the new, never a part. */
async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  try {
    const existing = await stat(target).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) {
      await writeFile(target, bytes);
      return;
    }
    const path = existing === undefined ? target : await realpath(target);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, bytes, { flag: "wx" });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw hostFileError(error, target, "the output file");
  }
}

function isPlainText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    return !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(text);
  } catch {
    return false;
  }
}
