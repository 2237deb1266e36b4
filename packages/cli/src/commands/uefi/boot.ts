import type { Warning } from "vmgskit";
import { clip } from "vmgskit/report";
import {
  type BootEntry,
  type BootOverview,
  type BootSource,
  bootOverview,
  numberedName,
  optionNumber,
  planBootReset,
  type VariableList,
} from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import {
  type CommandDeclaration,
  type OptionValues,
  optionName,
  storeArgument,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { describeError, print, printJson, reportWarnings } from "../../messages.ts";
import { escapeText, wrapText } from "../../terminal/index.ts";
import { codeFor, printProblems } from "./list-problems.ts";
import { loadOptionToJson, unreadableParts } from "./value-json.ts";
import { categoryWords, shortText, vmbusWords } from "./value-words.ts";
import { changeVariables, someNames, type VariableChange, WRITE_OPTIONS } from "./variable-change.ts";
import { openList, READ_OPTIONS } from "./variable-list.ts";

const RESET_ONLY = WRITE_OPTIONS.filter((option) => !READ_OPTIONS.includes(option));

export const boot: CommandDeclaration = {
  name: "uefi boot",
  summary: "show what firmware would boot, in its order, or make it forget",
  description:
    "BootNext comes first, then what BootOrder names; options that it does not name are listed below. Applications and " +
    "options of reserved categories are in the order, too, and are not tried by themselves. --reset removes " +
    "BootOrder, BootNext and every Boot####, in one transaction, so that firmware looks for something to boot anew.",
  args: [storeArgument],
  options: [
    { flags: "--reset", meaning: "remove the boot order and all boot options" },
    ...RESET_ONLY,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi boot vm.vmgs", meaning: "the boot order with its device paths" },
    { command: "vmgs uefi boot vm.vmgs --reset --dry-run", meaning: "see what a reset would remove" },
    { command: "vmgs uefi boot vm.vmgs --reset --backup old.vmgs", meaning: "reset, and keep a copy" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    if (options.reset === true) {
      refuse(options, ["file", "bare", "generation"], "--reset changes BIOS_NVRAM of a store, and excludes");
      await changeVariables(context, file, options, reset);
      return 0;
    }
    refuse(
      options,
      RESET_ONLY.map(({ flags }) => camelCase(optionName(flags).long)),
      "without --reset there is no",
    );
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

function reset(list: VariableList): VariableChange {
  const { list: without, removed, dangling } = planBootReset(list);
  return {
    list: without,
    done: `removed ${someNames(
      removed.map(({ name }) => shortText(name)),
      20,
    )}`,
    warnings: danglingWarnings("BootOrder", dangling),
  };
}

function danglingWarnings(where: string, numbers: readonly number[]): Warning[] {
  const names = [...new Set(numbers)].map((number) => numberedName("Boot", number));
  if (names.length === 0) return [];
  const words =
    names.length === 1 ? `${names[0]}, which does not exist` : `what does not exist: ${someNames(names)}`;
  return [{ code: "VMGS_BOOT_ORDER_DANGLING", message: `${where} names ${words}` }];
}

async function showOrder(context: CommandContext, file: string, options: OptionValues): Promise<number> {
  const { list, fileId, warnings: opening } = await openList(context, file, options);
  const overview = bootOverview(list);
  const dangling = (source: BootSource) =>
    overview.entries.filter((entry) => entry.dangling && entry.source === source).map(({ number }) => number);
  const own = [
    ...danglingWarnings("BootNext", dangling("bootNext")),
    ...danglingWarnings("BootOrder", dangling("bootOrder")),
  ];
  if (context.json) {
    await printJson(context, "vmgs.uefi-boot/1", {
      file,
      fileId,
      ...overviewToJson(overview),
      unreadable: unreadableParts(list),
      warnings: [...opening, ...own],
    });
  } else {
    await printOverview(context, file, overview);
    await printProblems(context, list);
    await reportWarnings(context, own, file);
  }
  return codeFor(list, ...overview.errors, ...overview.entries.map(({ error }) => error));
}

function overviewToJson({ bootNext, bootOrder, timeout, entries, errors }: BootOverview): object {
  return {
    bootNext: bootNext === null ? null : optionNumber(bootNext),
    bootOrder: bootOrder?.map(optionNumber) ?? null,
    timeout,
    entries: entries.map(({ number, name, source, option, devicePath, error, ...marks }) => ({
      number: optionNumber(number),
      name,
      source,
      ...marks,
      devicePath,
      option: option === null ? null : loadOptionToJson(option),
      error: error === null ? null : describeError(error),
    })),
    errors: errors.map((error) => describeError(error)),
  };
}

/** More entries than this say the same over and over. */
const MOST_ENTRIES = 200;

async function printOverview(context: CommandContext, file: string, overview: BootOverview): Promise<void> {
  const { colors } = context;
  const { entries, timeout, bootOrder, errors } = overview;
  const waits = timeout === null ? [] : [timeout === 0xffff ? "waits for a choice" : `timeout ${timeout} s`];
  const orders = bootOrder === null ? ["no BootOrder"] : [];
  await print(
    context,
    [colors.bold(escapeText(file)), [...orders, ...waits].join(", ")]
      .filter((part) => part !== "")
      .join(": "),
  );
  for (const { message } of errors) await print(context, `  ${colors.red(escapeText(message))}`);
  if (entries.length === 0)
    await print(context, "  no boot options: firmware looks for something to boot by itself");
  let place = 0;
  let unlisted = false;
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    if (entry.source === "unlisted" && !unlisted) await print(context, colors.dim("  not in the order:"));
    unlisted ||= entry.source === "unlisted";
    if (entry.tried) place++;
    await printEntry(context, entry, entry.tried ? String(place) : "");
  }
  if (entries.length > MOST_ENTRIES) await print(context, `  ... ${entries.length - MOST_ENTRIES} more`);
}

const PLACE_WIDTH = 4;
const INDENT = " ".repeat(PLACE_WIDTH + 2);

/** `  1  Boot000A  Windows Boot Manager`, and the device path below. */
async function printEntry(context: CommandContext, entry: BootEntry, place: string): Promise<void> {
  const { colors, stdout } = context;
  const { name, option, devicePath, error } = entry;
  const marks = marksOf(entry);
  const shown = [
    shortText(name),
    option === null ? "" : shortText(option.description),
    marks.length === 0 ? "" : `(${marks.join(", ")})`,
  ];
  const width = widthOf(stdout) - INDENT.length;
  const lines = wrapText(shown.filter((part) => part !== "").join("  "), width);
  const title = entry.dangling || error !== null ? colors.yellow : place === "" ? colors.dim : colors.cyan;
  await print(
    context,
    `${place.padStart(PLACE_WIDTH)}  ${lines.map((line) => title(line)).join(`\n${INDENT}`)}`,
  );
  const details = [
    ...(devicePath === null ? [] : [clip(escapeText(devicePath), MOST_PATH)]),
    ...(option?.paths[0] === undefined ? [] : [vmbusLine(option.paths[0])]).filter((line) => line !== ""),
    ...(error === null ? [] : [escapeText(error.message)]),
  ];
  for (const detail of details) {
    for (const line of wrapText(detail, width)) await print(context, `${INDENT}${line}`);
  }
}

/** More of a device path than this is for --json. */
const MOST_PATH = 2000;

function vmbusLine(path: Parameters<typeof vmbusWords>[0]): string {
  const words = vmbusWords(path);
  return words === null ? "" : `VMBus: ${clip(words)}`;
}

function marksOf(entry: BootEntry): string[] {
  const { source, dangling, disabled, category, hidden, shadowed, option, error } = entry;
  return [
    ...(source === "bootNext" ? ["BootNext, once"] : []),
    ...(dangling ? ["dangling: no such variable"] : []),
    ...(disabled ? ["disabled"] : []),
    ...(category === null || category === "boot" ? [] : [categoryWords(category)]),
    ...(hidden ? ["hidden"] : []),
    ...(option?.pathProblem && error === null ? ["unread bytes after its path"] : []),
    ...(shadowed ? ["shadowed by the upper-case spelling"] : []),
    ...(error !== null ? ["can't be read"] : []),
  ];
}
