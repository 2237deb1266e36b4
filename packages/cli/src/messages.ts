/** What goes to standard error: errors with their hints, warnings, and lines that say what was done. */

import { isVmgsError, type VmgsError, type Warning } from "vmgskit";
import { errorHints, type Hint } from "vmgskit/report";
import { commandOf } from "./action-command.ts";
import type { KnownChange } from "./change-watch.ts";
import type { CommandContext, Environment } from "./context.ts";
import { isAbort, NotFoundError, UsageError } from "./exit-codes.ts";
import { optionHints } from "./option-hints.ts";
import { escapeText, hideKeys, jsonLine } from "./terminal/index.ts";

/** An error as `--json` prints it; the shape of the conventions. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly [fact: string]: unknown;
}

/** How a program speaks of itself, and what it advises. */
export interface ProgramWords {
  readonly name: string;
  readonly hints: Readonly<Partial<Record<VmgsError["code"], Hint | string>>>;
}

const VMGS: ProgramWords = { name: "vmgs", hints: { ...errorHints, ...optionHints } };

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
  const { code, message: what, hint: help, ...facts } = describeError(error, file, words);
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
export function describeError(
  error: unknown,
  file: string | null = null,
  { name, hints } = VMGS,
): ErrorDocument {
  if (isVmgsError(error)) {
    const { code, facts } = error;
    const missing = code === "VMGS_FILE_NOT_FOUND" ? whyMissing(facts.path ?? "") : null;
    return {
      code,
      message: error.message,
      hint: hintWords(hints[code], file) ?? error.hint,
      ...missing,
      ...facts,
    };
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

/** A hint with its actions as commands for a file. */
function hintWords(hint: Hint | string | undefined, file: string | null): string | null {
  if (hint === undefined || typeof hint === "string") return hint ?? null;
  const parts = hint.map((part) =>
    typeof part === "string" ? part : `\`${commandOf(part, file || "FILE")}\``,
  );
  return parts.join("");
}

/** What a path is that is not there, when it shows. */
function whyMissing(path: string): { readonly message: string; readonly hint: string } | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    return {
      message: "this is a URL, and only a file can be written or changed",
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

/** A notice for people about how a command was called or what it left out; silent with --quiet and --json. */
export async function notice(context: CommandContext, file: string, words: string): Promise<void> {
  if (context.quiet || context.json) return;
  await context.stderr.write(`${VMGS.name}: ${escapeText(file)}: ${escapeText(words)}\n`);
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
