import { fileIdName, parseFileId, type Secret } from "vmgskit";
import { applyRepair, nodeCipher, openFileForRecovery, takeWriteLock, type WriteLock } from "vmgskit/node";
import {
  planRepair,
  type RepairDecision,
  type RepairOptions,
  type RepairPlan,
  type SavedContent,
} from "vmgskit/recovery";
import { shellWord } from "../action-command.ts";
import type { CommandContext } from "../context.ts";
import {
  BACKUP_OPTION,
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdSuggestions,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  storeArgument,
} from "../declaration/index.ts";
import { ExitCode, UsageError } from "../exit-codes.ts";
import { checkHostPath } from "../host-files.ts";
import { print, printJson, say } from "../messages.ts";
import { saveTogether } from "../saved-folder.ts";
import { containerOptions, keyPath, readKey, readStoreKey } from "../stores.ts";
import { makeBackup } from "../stores-for-change.ts";
import { escapeText, formatCount, formatSize } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

export const repair: CommandDeclaration = {
  name: "repair",
  summary: "plan the repair of a damaged store, and carry it out after a backup",
  description:
    "Without --apply it only tells what is wrong, what would be done and why. Nothing is guessed: each step has its " +
    "evidence, what needs a decision is offered as an option, and what can't be repaired is named with the way on. " +
    "Interrupted at any point, the store is as before or as after. Exit code 0: nothing is wrong, or all of it is " +
    "repaired; 3: something is wrong, or is left. --key lets it check encrypted files, and cure the zero metadata key flaw; " +
    "--new-key then rolls the datastore key.",
  args: [storeArgument],
  options: [
    { flags: "--apply", meaning: "carry out the plan; needs --backup" },
    BACKUP_OPTION,
    { flags: "--save <DIR>", meaning: "where the content of dropped entries is saved before" },
    { flags: "--go-back", meaning: "go on with the previous generation" },
    {
      flags: "--choose-header <SLOT>",
      meaning: "go on with this header, when both are valid and neither is newer",
      choices: ["0", "1"],
    },
    {
      flags: "--drop <ID>",
      meaning: "drop this entry where files share blocks; may be given several times",
      many: true,
      complete: fileIdSuggestions,
    },
    KEY_OPTION,
    { flags: "--new-key <FILE>", meaning: "the new key, in the same forms" },
    JSON_OPTION,
    ...DISK_OPTIONS,
  ],
  examples: [
    { command: "vmgs repair vm.vmgs", meaning: "what is wrong, and what would be done" },
    { command: "vmgs repair vm.vmgs --apply --backup vm.bak", meaning: "do it" },
    {
      command: "vmgs repair vm.vmgs --key old.key --new-key new.key --apply --backup vm.bak",
      meaning: "cure the zero metadata key flaw",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const apply = options.apply === true;
    checkCall(context, options);
    const repairOptions = await readOptions(context, options, args[0] as string);
    await using lock = apply ? await takeWriteLock(file) : null;
    await using disk = await openFileForRecovery(file, containerOptions(options));
    const plan = await planRepair(disk.whole, repairOptions);
    const saved =
      lock !== null && plan.writes.length > 0 ? await carryOut(context, file, options, plan, lock) : null;
    const report: Report = { file, options, plan, saved };
    if (context.json) await printDocument(context, report);
    else await show(context, report);
    return exitCode(report);
  },
};

function checkCall(context: CommandContext, options: OptionValues): void {
  if (options.apply === true && options.backup === undefined)
    throw new UsageError("--apply needs --backup FILE");
  if (options.apply !== true && options.backup !== undefined) {
    throw new UsageError("--backup goes with --apply", "without it nothing is written");
  }
  if (options.save !== undefined) checkHostPath(options.save as string, "the output folder");
  if (keyPath(context, options) === "-" && options.newKey === "-") {
    throw new UsageError("both keys can't come from standard input");
  }
}

async function readOptions(
  context: CommandContext,
  options: OptionValues,
  file: string,
): Promise<RepairOptions> {
  const key: Secret | undefined = await readStoreKey(context, options, file);
  const newKey = options.newKey === undefined ? undefined : await readKey(context, options, "newKey");
  if (newKey !== undefined && key === undefined) throw new UsageError("--new-key needs --key FILE");
  if (newKey !== undefined && key?.equals(newKey)) throw new UsageError("the new key is the old one");
  const drop = ((options.drop as readonly string[] | undefined) ?? []).map(parseFileId);
  return {
    ...containerOptions(options),
    cipher: nodeCipher,
    drop,
    ...(key && { key }),
    ...(newKey && { newKey }),
    ...(options.goBack === true && { generation: "previous" }),
    ...(options.chooseHeader !== undefined && { header: options.chooseHeader === "1" ? 1 : 0 }),
  };
}

/** Backs up, saves what the plan gives up, then writes. Returns the paths of what was saved. */
async function carryOut(
  context: CommandContext,
  file: string,
  options: OptionValues,
  plan: RepairPlan,
  lock: WriteLock,
): Promise<readonly string[]> {
  const folder = options.save as string | undefined;
  if (plan.saves.length > 0 && folder === undefined) {
    throw new UsageError("the plan drops entries: --save DIR is needed for their content");
  }
  context.signal.throwIfAborted();
  const backup = () => makeBackup(file, options);
  const paths = plan.saves.length === 0 ? [] : await saveContents(context, folder ?? "", plan.saves, backup);
  if (plan.saves.length === 0) await backup();
  context.signal.throwIfAborted();
  context.changes.begun(file);
  await applyRepair(file, plan, lock);
  context.changes.done(file, plan.outcome.sequence ?? null);
  return paths;
}

/** The backup comes last, so that a failure leaves nothing that a second try meets. */
function saveContents(
  { signal }: CommandContext,
  folder: string,
  saves: readonly SavedContent[],
  backup: () => Promise<void>,
): Promise<string[]> {
  return saveTogether(folder, saves.map(saveName), signal, async (save) => {
    const paths: string[] = [];
    for (const saved of saves) {
      signal.throwIfAborted();
      paths.push(await save(saveName(saved), await saved.read()));
    }
    await backup();
    return paths;
  });
}

function saveName({ fileId }: SavedContent): string {
  const name = fileIdName(fileId);
  return `${fileId}${name === null ? "" : `.${name}`}.bin`;
}

interface Report {
  readonly file: string;
  readonly options: OptionValues;
  readonly plan: RepairPlan;
  /** Paths of saved content when the plan was carried out; null when it was not. */
  readonly saved: readonly string[] | null;
}

function exitCode({ plan, saved }: Report): number {
  const { findings, steps, choices, unrepaired, outcome } = plan;
  const left = choices.some(({ needed }) => needed) || unrepaired.length > 0 || !outcome.opens;
  const wrong = saved === null && findings.length + steps.length > 0;
  return wrong || left ? ExitCode.foundBad : ExitCode.done;
}

function optionOf(decision: RepairDecision): string {
  if (decision.kind === "generation") return "--go-back";
  return decision.kind === "header" ? `--choose-header ${decision.slot}` : `--drop ${decision.fileId}`;
}

async function printDocument(context: CommandContext, { file, options, plan, saved }: Report): Promise<void> {
  const { findings, steps, choices, unrepaired, notes, saves, outcome, fileBytes } = plan;
  await printJson(context, "vmgs.repair/1", {
    file,
    applied: saved !== null,
    backup: saved === null ? null : (options.backup ?? null),
    findings,
    steps,
    choices: choices.map(({ decision, ...choice }) => ({ option: optionOf(decision), ...choice })),
    unrepaired,
    notes,
    saves: saves.map(({ fileId, title, bytes }, i) => ({
      id: fileId,
      title,
      bytes,
      path: saved?.[i] ?? null,
    })),
    outcome: { ...outcome, fileBytes },
  });
}

async function show(context: CommandContext, { file, options, plan, saved }: Report): Promise<void> {
  const { bold, yellow, dim } = context.colors;
  const name = escapeText(file);
  const { findings, steps, choices, unrepaired, notes, saves } = plan;
  if (findings.length === 0 && steps.length === 0 && unrepaired.length === 0) {
    await say(context, `${name}: nothing to repair`);
    for (const note of notes) await told(context, "note: ", note);
    return;
  }
  await print(context, `${bold(name)}: ${formatCount(findings.length, "finding")}`);
  for (const finding of findings) await told(context, "  ", finding, yellow);
  for (const [i, { title, evidence }] of steps.entries()) {
    await print(context, "");
    await told(context, `${saved === null ? "would " : "done: "}${i + 1}. `, title, bold);
    for (const sentence of evidence) await told(context, "     - ", sentence);
  }
  for (const { decision, title, evidence } of choices) {
    await print(context, "");
    await told(context, `${optionOf(decision)}: `, title, bold);
    for (const sentence of evidence) await told(context, "     - ", sentence);
  }
  for (const { problem, advice } of unrepaired) {
    await print(context, "");
    await told(context, "not repaired: ", problem, yellow);
    await told(context, "     - ", advice);
  }
  if (notes.length + saves.length > 0) await print(context, "");
  for (const note of notes) await told(context, "note: ", note);
  for (const [i, { title, bytes }] of saves.entries()) {
    const where = saved === null ? "would be saved in --save DIR" : `saved as ${saved[i]}`;
    await told(context, "", `${title} (${formatSize(bytes)}): ${where}`);
  }
  await print(context, "");
  await told(context, "", ending(file, plan, saved !== null, options), dim);
}

function ending(file: string, plan: RepairPlan, applied: boolean, options: OptionValues): string {
  const { steps, outcome } = plan;
  const after = outcome.opens
    ? `the store opens, sequence ${outcome.sequence}, ${formatCount(outcome.files.length, "file")}`
    : `the store does not open: ${outcome.error}`;
  if (steps.length === 0) return outcome.opens ? "nothing is done without a decision" : after;
  if (applied) return `repaired, backup in ${options.backup}; ${after}`;
  return `nothing was written; afterwards ${after}. To do it: ${applyCommand(file, plan, options)}`;
}

/** Options that a plan depends on, and that carrying it out needs again. */
const SAME: readonly (readonly [name: string, flag: string])[] = [
  ["disk", "--disk"],
  ["sectorSize", "--sector-size"],
  ["key", "--key"],
  ["newKey", "--new-key"],
  ["chooseHeader", "--choose-header"],
  ["drop", "--drop"],
  ["save", "--save"],
];

/** The whole command that carries out the plan, to be pasted. */
function applyCommand(file: string, { saves }: RepairPlan, options: OptionValues): string {
  const again = SAME.flatMap(([name, flag]) =>
    [options[name] ?? []].flat().flatMap((value) => [flag, shellWord(String(value))]),
  );
  const words = [
    ...again,
    ...(options.goBack === true ? ["--go-back"] : []),
    ...(saves.length > 0 && options.save === undefined ? ["--save", shellWord(`${file}.saved`)] : []),
    ...["--backup", shellWord(`${file}.bak`)],
  ];
  return `vmgs repair ${shellWord(file)} --apply ${words.join(" ")}`;
}

/** Text that may hold anything, made safe and wrapped. */
const told = (context: CommandContext, prefix: string, text: string, color?: (text: string) => string) =>
  printWrapped(context, prefix, escapeText(text), color);
