import { bootWarnings, uefiBootDocument, uefiBootView } from "vmgskit/report";
import { bootOverview } from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import {
  type CommandDeclaration,
  type OptionValues,
  optionName,
  storeArgument,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { notice, reportWarnings } from "../../messages.ts";
import { showReport } from "../../show.ts";
import { codeFor } from "./list-code.ts";
import { resetBoot } from "./reset-boot.ts";
import { WRITE_OPTIONS } from "./variable-change.ts";
import { openList, READ_OPTIONS } from "./variable-list.ts";

const RESET_ONLY = WRITE_OPTIONS.filter((option) => !READ_OPTIONS.includes(option));

export const boot: CommandDeclaration = {
  name: "uefi boot",
  summary: "show what firmware would boot, in its order",
  description:
    "BootNext comes first, then the options in BootOrder; options that are not in the order are listed below. " +
    "Applications and options of reserved categories are in the order as well, and firmware does not try them by " +
    "itself. `vmgs uefi boot-order`, `boot-next`, `boot-entry` and `reset-boot` change what is shown.",
  args: [storeArgument],
  options: [
    { flags: "--reset", meaning: "old spelling of `vmgs uefi reset-boot`" },
    ...RESET_ONLY,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi boot vm.vmgs", meaning: "the boot order with its device paths" },
    { command: "vmgs uefi boot vm.vmgs --json", meaning: "the same as JSON" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (options.reset === true) {
      refuse(options, ["file", "bare", "generation"], "--reset changes BIOS_NVRAM of a store, and excludes");
      await notice(context, file, "`vmgs uefi boot --reset` is now `vmgs uefi reset-boot`");
      return resetBoot.run(context, args, options);
    }
    const resetOnly = RESET_ONLY.map(({ flags }) => camelCase(optionName(flags).long));
    refuse(options, resetOnly, "without --reset there is no");
    return showOrder(context, file, options);
  },
};

const camelCase = (long: string) =>
  long.replace(/^--/, "").replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function refuse(options: OptionValues, names: readonly string[], why: string): void {
  const found = names.find((name) => options[name] !== undefined);
  if (found === undefined) return;
  const long = found.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`${why} --${long}`);
}

async function showOrder(context: CommandContext, file: string, options: OptionValues): Promise<number> {
  const opened = await openList(context, file, options);
  const overview = bootOverview(opened.list);
  await showReport(context, uefiBootDocument(opened, overview), () => uefiBootView(opened, overview));
  await reportWarnings(context, bootWarnings(overview), file);
  return codeFor(opened.list, ...overview.errors, ...overview.entries.map(({ error }) => error));
}
