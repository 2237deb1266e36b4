/** Where bytes go: to a file, completely or not at all, or to standard output. */

import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { VmgsError } from "vmgskit";
import { makeFile, type NewFile, replaceFile } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";
import { aboutHostFile, checkHostPath, type HostFileRole } from "./host-files.ts";
import { isSafeText } from "./terminal/index.ts";

/** What is written, and who may read it. */
export interface OutputOptions {
  /** For its owner only, whatever a file that is replaced allowed: seeds, private keys, what was decrypted. */
  readonly isPrivate?: boolean;
}

/**
 * Writes bytes to where `-o` says, else to standard output; over an existing file with `--force` only. Bytes that are
 * not text go to a terminal only when `-o -` asks for it.
 *
 * @throws UsageError for binary output on a terminal; VmgsError VMGS_FILE_EXISTS
 */
export async function writeBytes(
  context: CommandContext,
  options: OptionValues,
  bytes: Uint8Array,
  { isPrivate = false }: OutputOptions = {},
): Promise<void> {
  const target = options.output as string | undefined;
  if (target !== undefined && target !== "-") {
    await writeWhole(target, bytes, { isPrivate, replace: options.force === true, signal: context.signal });
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
export interface WholeFileOptions extends OutputOptions {
  /** Replace a regular file; without it one that exists is refused. Devices and pipes are written to. */
  readonly replace?: boolean;
  /** What the file is called in messages. */
  readonly role?: HostFileRole;
  /** Ends a wait for the reader of a FIFO. */
  readonly signal: AbortSignal;
}

/**
 * Writes a file at once: other readers of a regular file see the old content or the new, never a part. What is replaced
 * keeps its permissions and owner, unless the new content is private.
 *
 * @throws VmgsError VMGS_FILE_EXISTS, VMGS_SEVERAL_LINKS, VMGS_DISK_FULL, VMGS_ACCESS_DENIED
 */
export async function writeWhole(
  target: string,
  bytes: Uint8Array | string,
  { isPrivate = false, replace = false, role = "the output file", signal }: WholeFileOptions,
): Promise<void> {
  checkHostPath(target, role);
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const fill = (file: NewFile) => file.write(0, content);
  await aboutHostFile(target, role, async () => {
    const existing = await stat(target).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) {
      const { writeThrough } = await import("./waiting-files.ts");
      await writeThrough(target, content, signal);
    } else if (replace) await replaceFile(target, fill, { private: isPrivate });
    else await makeFile(target, fill, isPrivate ? { mode: 0o600 } : {});
  });
}

/**
 * Refuses early what `writeWhole` would refuse, before something is done that can't be undone.
 *
 * @throws VmgsError VMGS_FILE_EXISTS, and what the system says of its folder
 */
export async function checkOutput(target: string, { replace }: { readonly replace: boolean }): Promise<void> {
  checkHostPath(target, "the output file");
  await aboutHostFile(target, "the output file", async () => {
    await access(dirname(target));
    const existing = await stat(target).catch(() => undefined);
    if (existing?.isFile() && !replace) {
      throw new VmgsError("VMGS_FILE_EXISTS", "exists already", { path: target });
    }
  });
}

function isPlainText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return isSafeText(text.replaceAll(/[\n\t]/g, " "));
  } catch {
    return false;
  }
}
