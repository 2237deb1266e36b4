/** What goes to standard error: errors with their hints, warnings, and lines that say what was done. */

import { isVmgsError, type VmgsError, type Warning } from "vmgskit";
import { commandOf } from "./action-command.ts";
import type { KnownChange } from "./change-watch.ts";
import type { CommandContext, Environment } from "./context.ts";
import { isAbort, NotFoundError, UsageError } from "./exit-codes.ts";
import { escapeText, hideKeys, jsonLine } from "./terminal/index.ts";

/** An error as `--json` tells it; the shape of the conventions. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly [fact: string]: unknown;
}

const PREVIOUS =
  "`vmgs repair FILE` tells what can be done; --generation previous reads the generation before";

/** What to do, in words of this command line, where those of the library are too general. */
const OTHER_COPY =
  "shut the VM down and copy the file; then --generation previous reads the other copy, usually the generation before";

const HINTS: Partial<Record<VmgsError["code"], string>> = {
  VMGS_FILE_EXISTS:
    "choose another path; what exists is not replaced without being asked to (--force, where there is one)",
  VMGS_DISK_EMPTY: "delete it; `vmgs provision FILE` then makes a new store in its place",
  VMGS_DISK_TOO_SMALL: "choose a larger --size, 4M is usual; --force formats 4 or 5 blocks all the same",
  VMGS_SECTOR_SIZE: "only a raw image has a choice: --disk raw --sector-size 4096",
  VMGS_SECTOR_SIZE_UNKNOWN: "say which it is: --sector-size 512 or --sector-size 4096",
  VMGS_VHD_FOOTER_MISSING: "if it is a raw image, say --disk raw",
  VMGS_VHD_CHECKSUM: "`vmgs repair FILE` restores the footer; --disk raw looks inside without it",
  VMGS_VHD_VERSION: "`vmgs repair FILE` tells whether the footer can be restored",
  VMGS_VHD_SIZE: "`vmgs repair FILE` tells whether the footer can be restored",
  VMGS_SEQUENCE_CONFLICT: "`vmgs repair FILE` offers both; `vmgs history FILE` shows them",
  VMGS_EMPTY_STORE: "the disk is blank: `vmgs provision FILE` formats it",
  VMGS_V1_FORMAT:
    "this command needs a version 3 store; `vmgs inspect FILE` and `vmgs uefi list FILE` read this file, `vmgs help windows` lists what else does",
  VMGS_V1_NO_VALID_HEADER: "restore a backup; `vmgs carve FILE -o DIR` saves what is left of its data",
  VMGS_V1_GPT: "restore a backup; `vmgs carve FILE -o DIR` saves what is left of its data",
  VMGS_V1_LOCATOR: OTHER_COPY,
  VMGS_V1_DATA: OTHER_COPY,
  VMGS_V1_JSON: OTHER_COPY,
  VMGS_V1_STATE_NOT_FOUND: "`vmgs inspect FILE` lists the devices and their states",
  VMGS_NO_VALID_HEADER:
    "`vmgs repair FILE` tells what can be done, `vmgs carve FILE -o DIR` saves what can be found; to start over: vmgs provision FILE --lifetime reprovision-on-failure",
  VMGS_FILE_TABLE_OUT_OF_RANGE: PREVIOUS,
  VMGS_CORRUPT_FILE_TABLE: PREVIOUS,
  VMGS_EXTENDED_FILE_TABLE: PREVIOUS,
  VMGS_GENERATION_WIPED:
    "the current generation is the only one left; an older one can only come from a backup",
  VMGS_WIPE_INCOMPLETE: "`vmgs wipe FILE` overwrites what is left; it needs no key",
  VMGS_OVERLAPPING_FILES: "save what can be read with `vmgs cat`, then make a new store",
  VMGS_FILES_BEYOND_END: "add --move, or choose at least the size that the message names",
  VMGS_FILE_NOT_ALLOCATED: "`vmgs inspect FILE` lists the files of the store",
  VMGS_FILE_ALLOCATED: "add --force to replace it",
  VMGS_OVERWRITE_ENCRYPTED: "write it encrypted with --key FILE, or replace it in plain with --plain",
  VMGS_CONTENT_EMPTY:
    "check what writes the source: in a pipe, the command on the left may have failed; --allow-empty writes an empty file",
  VMGS_CONTENT_REFUSED: "check the source; --force writes it all the same",
  VMGS_INSUFFICIENT_SPACE: "`vmgs inspect FILE` shows what is free; delete files, or make a larger store",
  VMGS_KEYS_FULL: "`vmgs rekey` puts a new key in the place of the old one",
  VMGS_NOT_ENCRYPTED: "`vmgs encrypt FILE --key KEY` encrypts it",
  VMGS_NEEDS_UNLOCK: "give the datastore key with --key FILE, or put its path into VMGS_KEY_FILE",
  VMGS_LAST_KEY: "`vmgs decrypt FILE` rewrites the files in plain and removes the key",
  VMGS_AUTHENTICATION_FAILED:
    "the generation before may be sound: --generation previous; --raw gives the stored bytes as they are",
  VMGS_MARKER_TOO_LARGE: "`vmgs marker --raw FILE` gives its bytes as they are",
  VMGS_MARKER_MALFORMED: "`vmgs marker --raw FILE` gives its bytes as they are",
  VMGS_TPM_INPUT: "`vmgs help tpm prepare` and `vmgs help tpm provision` say what is possible",
  VMGS_TPM_INDEX_SIZE:
    "--akcert-size and --report-size choose other sizes; swtpm and the simulators take 2048 bytes at most",
  VMGS_TPM_TIMEOUT:
    "an engine serves one client at a time: is somebody else connected? --timeout allows more time",
  VMGS_LIFETIME_REFUSED: "--lifetime reprovision-on-failure formats it anew; what is in it is then lost",
  VMGS_UEFI_VARIABLE_NOT_FOUND: "`vmgs uefi list FILE` lists the variables",
  VMGS_UEFI_LIST_DAMAGED:
    "`vmgs uefi list FILE` shows what is wrong; --drop-unreadable leaves out what can't be read",
};

/** How a program speaks of itself, and what it advises. */
export interface ProgramWords {
  readonly name: string;
  readonly hints: Partial<Record<VmgsError["code"], string>>;
}

const VMGS: ProgramWords = { name: "vmgs", hints: HINTS };

type MessageContext = Pick<CommandContext, "stderr" | "env" | "messageColors" | "json" | "changes">;

/** An error for people or scripts, on standard error. `file` is the store it concerns. */
export async function reportError(
  context: MessageContext,
  error: unknown,
  file: string | null,
  words = VMGS,
): Promise<void> {
  const { json, messageColors, stderr } = context;
  const change = changeAfter(error, context.changes.known());
  const { code, message: what, hint: help, ...facts } = describeError(error, words);
  const message = hideKeys(`${what}${changeWords(error, change)}`);
  const hint = hintAfter(error, change, help && hideKeys(help));
  if (json) {
    const told = { code, message, hint, file, ...facts, ...(change && { change: changeDocument(change) }) };
    await stderr.write(`${jsonLine({ error: told })}\n`);
  } else {
    const place = file === null || file === "" ? "" : `${escapeText(hideKeys(file))}: `;
    await stderr.write(`${words.name}: ${place}${messageColors.red(escapeText(message))}\n`);
    if (hint !== null) await stderr.write(`${messageColors.dim("hint:")} ${escapeText(hint)}\n`);
  }
  if (context.env.VMGS_DEBUG === "1" && error instanceof Error) {
    const lines = hideKeys(error.stack ?? "").split("\n");
    await stderr.write(lines.map((line) => `${escapeText(line)}\n`).join(""));
  }
}

/** A commit that failed half way leaves it open, whatever was known before. */
function changeAfter(error: unknown, known: KnownChange | null): KnownChange | null {
  if (known === null || !isVmgsError(error, "VMGS_STORE_UNCERTAIN")) return known;
  return { ...known, state: { state: "unknown" } };
}

/** Errors after which it is not plain what has become of the change. */
const LEAVE_IT_OPEN: readonly VmgsError["code"][] = ["VMGS_IO", "VMGS_DISK_FULL"];

function changeWords(error: unknown, change: KnownChange | null): string {
  switch (change?.state.state) {
    case "done": {
      const { sequence } = change.state;
      return `; the change is done${sequence === null ? "" : `: sequence ${sequence}`}`;
    }
    case "unknown":
      return "; it is not known whether the change is done";
    case "none":
      return isAbort(error) || isVmgsError(error, ...LEAVE_IT_OPEN) ? unchangedWords(change) : "";
    default:
      return isAbort(error) ? unchangedWords(change) : "";
  }
}

/** Before a commit, free blocks of a store may have been written: only its content is certain to be unchanged. */
function unchangedWords(change: KnownChange | undefined | null): string {
  return change?.isStore ? "; the store's content is unchanged" : "; nothing was changed";
}

/** What to do depends on what has become of the change: one that is done must not be tried again. */
function hintAfter(error: unknown, change: KnownChange | null, hint: string | null): string | null {
  if (change === null) return hint;
  const { file, isStore, state } = change;
  const look = isStore ? `\`${commandOf({ kind: "history" }, file)}\` shows` : null;
  if (state.state === "unknown") return look === null ? hint : `${look} whether it is done`;
  const isDone = state.state === "done" && isVmgsError(error, ...LEAVE_IT_OPEN);
  return isDone ? look && `${look} it` : hint;
}

function changeDocument({ file, state }: KnownChange): object {
  return { file, sequence: null, ...state };
}

/** The code, sentence, hint and facts of an error. */
export function describeError(error: unknown, { name, hints } = VMGS): ErrorDocument {
  if (isVmgsError(error)) {
    const { code, facts } = error;
    const missing = code === "VMGS_FILE_NOT_FOUND" ? whyMissing(facts.path ?? "") : null;
    return { code, message: error.message, hint: hints[code] ?? error.hint, ...missing, ...facts };
  }
  if (error instanceof UsageError) return { code: "VMGS_USAGE", message: error.message, hint: error.hint };
  if (error instanceof NotFoundError) {
    return { code: "VMGS_NOT_FOUND", message: error.message, hint: error.hint };
  }
  if (isAbort(error)) return { code: "VMGS_INTERRUPTED", message: "interrupted", hint: null };
  const message = error instanceof Error ? error.message : String(error);
  const hint = `this is a fault of ${name}; VMGS_DEBUG=1 shows where`;
  return { code: "VMGS_INTERNAL", message: `unexpected: ${message}`, hint };
}

/** What a path is that is not there, when it shows. */
function whyMissing(path: string): { readonly message: string; readonly hint: string } | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    return {
      message: "this is a URL, and only files can be opened",
      hint: "download it first, with `curl -o vm.vmgs URL` or `azcopy copy URL vm.vmgs`, and name that file",
    };
  }
  if (path.includes("\ufffd")) {
    return {
      message: "there is no such file: bytes of its name are not UTF-8, and Node.js can't pass them on",
      hint: "rename it, or make a link to it whose name is UTF-8",
    };
  }
  return null;
}

/** Warnings for people; documents have their own place for them. */
export async function reportWarnings(
  context: CommandContext,
  warnings: readonly Warning[],
  file: string,
  { name } = VMGS,
): Promise<void> {
  if (context.quiet || context.json) return;
  for (const { message } of warnings) {
    const label = context.messageColors.yellow("warning:");
    await context.stderr.write(`${name}: ${escapeText(file)}: ${label} ${escapeText(message)}\n`);
  }
}

/** One line of a result: what was asked for. */
export function print({ stdout }: Environment, line: string): Promise<void> {
  return stdout.write(`${line}\n`);
}

/** One line about what was done; not in quiet mode. */
export async function say(context: CommandContext, line: string): Promise<void> {
  if (!context.quiet) await print(context, line);
}

/** One JSON document in one line. Control characters are escaped beyond what JSON asks for. */
export async function printJson(context: Environment, schema: string, document: object): Promise<void> {
  await context.stdout.write(`${jsonLine({ schema, ...document })}\n`);
}
