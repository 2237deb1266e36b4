import { isVmgsError, type VmgsError } from "vmgskit";
import { type Diagnosis, diagnose, type Finding, type NotChecked, type Severity } from "vmgskit/diagnose";
import { nodeCipher, openImageFile } from "vmgskit/node";
import { type CommandContext, widthOf } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print, printJson } from "../messages.ts";
import { AT_OPTION, momentOf } from "../moment.ts";
import { containerOptions, readKey } from "../stores.ts";
import { escapeText, wrapText } from "../terminal/index.ts";

export const doctor: CommandDeclaration = {
  name: "doctor",
  summary: "find what is wrong with a store, what it means, and what to do",
  description:
    "Reads the whole file and never writes, also of what can't be opened at all. Every finding has a stable name, a " +
    "severity, the evidence, what it means and a cure; docs/findings.md lists them. What could not be looked at, such " +
    "as encrypted files without --key, is told too. The exit code is 3 when a finding is an error or critical.",
  args: [storesArgument],
  options: [JSON_OPTION, KEY_OPTION, AT_OPTION, ...DISK_OPTIONS],
  examples: [
    { command: "vmgs doctor vm.vmgs", meaning: "for people" },
    { command: "vmgs doctor vm.vmgs --key vm.key", meaning: "look into encrypted files, too" },
    { command: "vmgs doctor --json *.vmgs", meaning: "one JSON document a line" },
  ],
  async run(context, args, options) {
    const key = await readKey(context, options);
    const now = momentOf(options);
    const files = args[0] as readonly string[];
    let bad = false;
    const code = await forEachFile(context, files, async (file) => {
      const diagnosis = await examine(context, file, {
        ...containerOptions(options),
        now,
        ...(key && { key }),
      });
      bad ||= diagnosis.verdict === "damaged" || diagnosis.verdict === "critical";
      if (context.json) await printJson(context, "vmgs.doctor/1", { file, ...documentOf(diagnosis) });
      else await show(context, file, diagnosis, file !== files[0]);
      // A table that can't be decrypted is a finding already; a key that does not fit is the caller's mistake.
      if (isVmgsError(diagnosis.keyError, "VMGS_WRONG_KEY")) throw diagnosis.keyError;
    });
    return bad && (code === ExitCode.done || code === ExitCode.keyNeeded) ? ExitCode.foundBad : code;
  },
};

async function examine(
  context: CommandContext,
  file: string,
  options: Parameters<typeof diagnose>[1],
): Promise<Diagnosis> {
  try {
    await using image = await openImageFile(file);
    return await diagnose(image, { ...options, cipher: nodeCipher });
  } catch (error) {
    if (context.json && isVmgsError(error)) {
      await printJson(context, "vmgs.doctor/1", { file, ...NOTHING, error: describeError(error) });
    }
    throw error;
  }
}

const NOTHING = {
  verdict: null,
  summary: null,
  worst: null,
  container: null,
  encryption: null,
  findings: [],
  notChecked: [],
  at: null,
};

function documentOf({ error, keyError, now, ...diagnosis }: Diagnosis) {
  const told: VmgsError | null = error ?? keyError;
  return { ...diagnosis, at: now.toISOString(), error: told === null ? null : describeError(told) };
}

async function show(
  context: CommandContext,
  file: string,
  diagnosis: Diagnosis,
  another: boolean,
): Promise<void> {
  const { colors } = context;
  if (another) await print(context, "");
  const summary = paint(context, diagnosis.worst ?? "info", escapeText(diagnosis.summary));
  await print(context, `${colors.bold(escapeText(file))}: ${summary}`);
  const notes = diagnosis.findings.filter(({ severity }) => severity === "info");
  for (const finding of diagnosis.findings.filter(({ severity }) => severity !== "info")) {
    await showFinding(context, file, finding);
  }
  await showList(
    context,
    "Notes",
    notes.map(({ id, title, message }) => `${title}: ${escapeText(message)} (${id})`),
  );
  await showList(context, "Not checked", diagnosis.notChecked.map(notCheckedWords));
}

async function showFinding(context: CommandContext, file: string, finding: Finding): Promise<void> {
  const { severity, id, title, message, evidence, meaning, cure } = finding;
  const { bold } = context.colors;
  await print(context, `\n${paint(context, severity, severity)} ${id}`);
  for (const line of wrapText(title, widthOf(context.stdout) - 2)) await print(context, `  ${bold(line)}`);
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${escapeText(String(value))}`);
  await showLines(context, "found", escapeText(message));
  if (facts.length > 0) await showLines(context, "evidence", facts.join(", "));
  await showLines(context, "meaning", meaning);
  await showLines(context, "cure", forFile(cure, file));
}

const LABEL_WIDTH = 9;

async function showLines(context: CommandContext, label: string, text: string): Promise<void> {
  const lines = wrapText(text, widthOf(context.stdout) - LABEL_WIDTH - 3);
  const under = `\n${" ".repeat(LABEL_WIDTH + 3)}`;
  await print(context, `  ${context.colors.dim(label.padEnd(LABEL_WIDTH))} ${lines.join(under)}`);
}

async function showList(context: CommandContext, title: string, entries: readonly string[]): Promise<void> {
  if (entries.length === 0) return;
  await print(context, `\n${context.colors.bold(title)}`);
  for (const entry of entries) {
    await print(context, `  ${wrapText(entry, widthOf(context.stdout) - 4).join("\n    ")}`);
  }
}

function notCheckedWords({ what, why, needs }: NotChecked): string {
  return `${what} (${why}${needs === "key" ? "; needs --key" : ""})`;
}

/** Cures name commands that can be pasted, when the name of the file needs no quotes. */
function forFile(cure: string, file: string): string {
  return /^[\w./-]+$/.test(file) && !file.startsWith("-") ? cure.replaceAll(/\bFILE\b/g, file) : cure;
}

function paint({ colors }: CommandContext, severity: Severity, text: string): string {
  const painters = { critical: colors.red, error: colors.red, warning: colors.yellow, info: colors.green };
  return painters[severity](text);
}
