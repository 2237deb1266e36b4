/** What goes to standard error: errors with their hints, warnings, and lines that say what was done. */

import { isVmgsError, type VmgsError, type Warning } from "vmgskit";
import type { CommandContext, Environment } from "./context.ts";
import { isAbort, NotFoundError, UsageError } from "./exit-codes.ts";
import { escapeJson, escapeText } from "./terminal/index.ts";

/** An error as `--json` tells it; the shape of the conventions. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly [fact: string]: unknown;
}

/** What to do, in words of this command line, where those of the library are too general. */
const HINTS: Partial<Record<VmgsError["code"], string>> = {
  VMGS_NEEDS_UNLOCK: "give the datastore key with --key FILE, or put its path into VMGS_KEY_FILE",
  VMGS_VHD_FOOTER_MISSING: "if it is a raw image, say --disk raw",
  VMGS_VHD_CHECKSUM: "look inside with --disk raw; the store itself may be sound",
  VMGS_SECTOR_SIZE_UNKNOWN: "say which it is: --sector-size 512 or --sector-size 4096",
  VMGS_FILE_NOT_ALLOCATED: "`vmgs inspect FILE` lists the files of the store",
  VMGS_NO_VALID_HEADER:
    "`vmgs hexdump FILE --header` shows both headers; to start over: vmgs provision FILE --lifetime reprovision-on-failure",
  VMGS_EMPTY_STORE: "the disk is blank: `vmgs provision FILE` formats it",
  VMGS_FILE_ALLOCATED: "add --force to replace it",
  VMGS_OVERWRITE_ENCRYPTED: "write it encrypted with --key FILE, or replace it in plain with --plain --force",
  VMGS_DISK_TOO_SMALL: "choose a larger --size, 4M is usual; --force formats 4 or 5 blocks all the same",
  VMGS_CORRUPT_FILE_TABLE: "try --generation previous",
  VMGS_FILE_TABLE_OUT_OF_RANGE: "try --generation previous",
  VMGS_AUTHENTICATION_FAILED: "try --generation previous; --raw gives the stored bytes as they are",
  VMGS_LAST_KEY: "`vmgs decrypt FILE` rewrites the files in plain and removes the key",
  VMGS_LIFETIME_REFUSED: "--lifetime reprovision-on-failure formats it anew; what is in it is then lost",
};

/** An error for people or scripts, on standard error. `file` is the store it concerns. */
export async function reportError(
  context: Pick<CommandContext, "stderr" | "env" | "colors" | "json">,
  error: unknown,
  file: string | null,
): Promise<void> {
  const document = describeError(error);
  if (context.json) {
    await context.stderr.write(`${escapeJson(JSON.stringify({ error: document }))}\n`);
  } else {
    const place = file === null ? "" : `${escapeText(file)}: `;
    await context.stderr.write(`vmgs: ${place}${context.colors.red(escapeText(document.message))}\n`);
    if (document.hint !== null)
      await context.stderr.write(`${context.colors.dim("hint:")} ${escapeText(document.hint)}\n`);
  }
  if (context.env.VMGS_DEBUG === "1" && error instanceof Error) {
    await context.stderr.write(`${escapeText(error.stack ?? "").replaceAll("\\n", "\n")}\n`);
  }
}

/** The code, sentence, hint and facts of an error. */
export function describeError(error: unknown): ErrorDocument {
  if (isVmgsError(error)) {
    return {
      code: error.code,
      message: error.message,
      hint: HINTS[error.code] ?? error.hint,
      ...error.facts,
    };
  }
  if (error instanceof UsageError) return { code: "VMGS_USAGE", message: error.message, hint: error.hint };
  if (error instanceof NotFoundError) return { code: "VMGS_NOT_FOUND", message: error.message, hint: null };
  if (isAbort(error)) {
    return { code: "VMGS_INTERRUPTED", message: "interrupted; the store is as it was", hint: null };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "this is a fault of vmgs; VMGS_DEBUG=1 shows where";
  return { code: "VMGS_INTERNAL", message: `unexpected: ${message}`, hint };
}

export async function reportWarnings(
  context: CommandContext,
  warnings: readonly Warning[],
  file: string,
): Promise<void> {
  if (context.quiet || context.json) return;
  for (const { message } of warnings) {
    const label = context.colors.yellow("warning:");
    await context.stderr.write(`vmgs: ${escapeText(file)}: ${label} ${escapeText(message)}\n`);
  }
}

/** One line about what was done; not in quiet mode. */
export async function say(context: Environment & { readonly quiet: boolean }, line: string): Promise<void> {
  if (!context.quiet) await context.stdout.write(`${line}\n`);
}

/** One JSON document in one line. Control characters are escaped beyond what JSON asks for. */
export async function printJson(context: Environment, schema: string, document: object): Promise<void> {
  await context.stdout.write(`${escapeJson(JSON.stringify({ schema, ...document }))}\n`);
}
