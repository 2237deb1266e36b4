import { fileIdName, parseFileId, type Secret } from "vmgskit";
import { applyRepair, nodeCipher, openFileForRecovery, takeWriteLock, type WriteLock } from "vmgskit/node";
import {
  planRepair,
  type RepairDecision,
  type RepairOptions,
  type RepairPlan,
  type SavedContent,
} from "vmgskit/recovery";
import { type RepairAgain, type RepairDocument, repairDocument, repairView } from "vmgskit/report";
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
import { namedBy } from "../named.ts";
import { saveTogether } from "../saved-folder.ts";
import { printDocument, showView } from "../show.ts";
import { containerOptions, keyPath, readKey, readStoreKey } from "../stores.ts";
import { makeBackup } from "../stores-for-change.ts";

export const repair: CommandDeclaration = {
  name: "repair",
  summary: "plan the repair of a damaged store, and carry it out after a backup",
  description:
    "Without --apply it only shows what is wrong, what would be done and why. Nothing is guessed: each step has its " +
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
    const backup = (options.backup as string | undefined) ?? null;
    const document = repairDocument(file, plan, { saved, backup, optionOf });
    if (context.json) await printDocument(context, document);
    else if (!context.quiet || document.findings.length + document.steps.length > 0) {
      await showView(context, repairView(document, againOf(options)), namedBy(context, options));
    }
    return exitCode(document);
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

function exitCode({ findings, steps, choices, unrepaired, outcome, applied }: RepairDocument): number {
  const left = choices.some(({ needed }) => needed) || unrepaired.length > 0 || !outcome.opens;
  const wrong = !applied && findings.length + steps.length > 0;
  return wrong || left ? ExitCode.foundBad : ExitCode.done;
}

function optionOf(decision: RepairDecision): string {
  if (decision.kind === "generation") return "--go-back";
  return decision.kind === "header" ? `--choose-header ${decision.slot}` : `--drop ${decision.fileId}`;
}

/** The decisions of this call. */
function againOf({ chooseHeader, drop, goBack, key, newKey }: OptionValues): RepairAgain {
  return {
    ...(chooseHeader !== undefined && { chooseHeader: chooseHeader === "1" ? 1 : 0 }),
    ...(drop !== undefined && { drop: (drop as readonly string[]).map(parseFileId) }),
    ...(goBack === true && { goBack: true }),
    ...(key !== undefined && { withKey: true }),
    ...(newKey !== undefined && { withNewKey: true }),
  };
}
