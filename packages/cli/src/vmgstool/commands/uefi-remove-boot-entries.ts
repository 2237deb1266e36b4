import { VmgsError, type Warning } from "vmgskit";
import {
  type BootEntry,
  bootOverview,
  optionNumber,
  planBootReset,
  type Variable,
  type VariableList,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { print, printJson } from "../../messages.ts";
import { escapeText } from "../../terminal/index.ts";
import { say, warn } from "../messages.ts";
import { readNvramForChange, writeNvram } from "../nvram.ts";
import { FILE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { readGivenKey, requireUnlocked, withStore, withWritableStore } from "../stores.ts";
import { textOf } from "../values.ts";

export const uefiRemoveBootEntries: CommandDeclaration = {
  name: "uefi-nvram remove-boot-entries",
  summary: "remove all boot entries, so that firmware looks for something to boot anew",
  description:
    "BootOrder, BootNext and every Boot#### are removed in one transaction: all of them, or on failure none. In an " +
    "encrypted store the key is needed.",
  args: [],
  options: [
    FILE_OPTION,
    KEY_OPTION,
    { flags: "-n, --dry-run", meaning: "only show what would be removed" },
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgstool uefi-nvram remove-boot-entries -f vm.vmgs -n", meaning: "what would be removed" },
    { command: "vmgstool uefi-nvram remove-boot-entries -f vm.vmgs", meaning: "remove it" },
  ],
  async run(context, _args, options) {
    const file = textOf(options, "filePath");
    const key = await readGivenKey(context, options);
    if (options.dryRun === true) {
      await withStore(context, { file, key }, async ({ store, warnings }) => {
        requireUnlocked(store.state);
        const removal = planRemoval(await readNvramForChange(store));
        await report(context, { file, removal, sequence: null, warnings });
      });
      return 0;
    }
    await withWritableStore(context, { file, key }, async ({ store, warnings }) => {
      requireUnlocked(store.state);
      const removal = planRemoval(await readNvramForChange(store));
      const sequence = await writeNvram(store, removal.list, context.signal);
      await report(context, { file, removal, sequence, warnings });
    });
    return 0;
  },
};

/** What will be removed, and what remains. */
interface Removal {
  readonly list: VariableList;
  readonly removed: readonly Variable[];
  /** The boot entries among them: in the order of BootOrder, then those that are not in it. */
  readonly entries: readonly BootEntry[];
  readonly warnings: readonly Warning[];
}

/** @throws VmgsError VMGS_UEFI_VARIABLE_NOT_FOUND when there is nothing to remove; VMGS_UEFI_LIST_DAMAGED */
function planRemoval(list: VariableList): Removal {
  const { list: remaining, removed, dangling } = planBootReset(list);
  if (removed.length === 0) {
    throw new VmgsError("VMGS_UEFI_VARIABLE_NOT_FOUND", "there is neither a BootOrder nor any boot entry");
  }
  const entries = entriesOnce(bootOverview(list).entries);
  const names = dangling.map((number) => `Boot${optionNumber(number)}`).join(", ");
  const warnings: Warning[] =
    dangling.length === 0
      ? []
      : [{ code: "VMGS_BOOT_ORDER_DANGLING", message: `BootOrder names what does not exist: ${names}` }];
  return { list: remaining, removed, entries, warnings };
}

/** Each entry that exists once: BootNext may name one that BootOrder names too. */
function entriesOnce(all: readonly BootEntry[]): BootEntry[] {
  const byName = new Map<string, BootEntry>();
  const isNext = ({ source }: BootEntry) => source === "bootNext";
  for (const entry of [...all.filter((one) => !isNext(one)), ...all.filter(isNext)]) {
    if (!entry.dangling && !byName.has(entry.name)) byName.set(entry.name, entry);
  }
  return [...byName.values()];
}

interface RemovalReport {
  readonly file: string;
  readonly removal: Removal;
  /** Null after a dry run. */
  readonly sequence: number | null;
  readonly warnings: readonly Warning[];
}

async function report(context: CommandContext, told: RemovalReport): Promise<void> {
  const { file, removal, sequence } = told;
  const { removed, entries } = removal;
  const dryRun = sequence === null;
  const warnings = [...told.warnings, ...removal.warnings];
  if (context.json) {
    await printJson(context, "vmgstool.remove-boot-entries/1", {
      file,
      dryRun,
      removed: removed.map(({ vendor, name, data }) => ({ vendor, name, bytes: data.length })),
      entries: entries.map(({ name, option, devicePath, source }) => ({
        ...{ name, source, description: option?.description ?? null, devicePath },
      })),
      sequence,
      warnings,
    });
    return;
  }
  await warn(context, removal.warnings, file);
  for (const [index, entry] of entries.entries()) await print(context, `${index}: ${entryText(entry)}`);
  const names = removed.map(({ name }) => name).join(", ");
  await say(
    context,
    dryRun ? `${file}: would remove ${names}` : `${file}: removed ${names}; sequence ${sequence}`,
  );
}

function entryText({ name, option, devicePath, source }: BootEntry): string {
  const description = option === null ? "can't be read" : JSON.stringify(option.description);
  const place = devicePath === null || devicePath === "" ? "" : `, ${devicePath}`;
  const unlisted = source === "unlisted" ? " (not in BootOrder)" : "";
  return escapeText(`${name}: ${description}${place}${unlisted}`);
}
