import {
  LOW_LIST_BYTES,
  MAX_LIST_BYTES,
  type Variable,
  type VariableList,
  variableToJson,
} from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { print, printJson } from "../../messages.ts";
import { escapeText, formatCount, formatSize, loadTable } from "../../terminal/index.ts";
import { codeFor, printProblems } from "./list-problems.ts";
import { unreadableParts } from "./value-json.ts";
import { shortAttributes, shortText, summarise } from "./value-words.ts";
import { namePattern, vendorOption, vendorWord } from "./variable-keys.ts";
import { type OpenedList, openList, READ_OPTIONS, VENDOR_OPTION } from "./variable-list.ts";

/** Firmware's limit allows for twice as many; a list with more is made to be long. */
const MOST_SHOWN = 1000;

export const list: CommandDeclaration = {
  name: "uefi list",
  summary: "list the UEFI variables of a store",
  description:
    "Attributes are NV non-volatile, BS boot services, RT runtime, AT time-based authenticated. Of a damaged list it " +
    `shows what can be read, then what can't and where; the exit code is then 3. At most ${MOST_SHOWN} variables are ` +
    "shown; --json has all.",
  args: [storeArgument],
  options: [
    {
      flags: "--name <PATTERN>",
      meaning: "only names like this: * any characters, ? one; case does not count",
    },
    VENDOR_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi list vm.vmgs", meaning: "everything in BIOS_NVRAM" },
    { command: "vmgs uefi list vm.vmgs --name 'Boot*'", meaning: "boot order and boot options" },
    {
      command: "vmgs cat vm.vmgs BIOS_NVRAM -o - | vmgs uefi list --bare -",
      meaning: "a list outside a store",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const vendor = vendorOption(options);
    const opened = await openList(context, file, options);
    const shown = filtered(opened.list, vendor, options);
    if (context.json) await printDocument(context, file, opened, shown);
    else await show(context, file, opened, shown);
    return codeFor(opened.list);
  },
};

function filtered({ variables }: VariableList, vendor: string | null, options: OptionValues): Variable[] {
  const pattern = options.name === undefined ? null : namePattern(options.name as string);
  return variables.filter(
    (variable) =>
      (vendor === null || variable.vendor === vendor) && (pattern === null || pattern.test(variable.name)),
  );
}

async function printDocument(
  context: CommandContext,
  file: string,
  { list: all, fileId, warnings }: OpenedList,
  shown: readonly Variable[],
): Promise<void> {
  await printJson(context, "vmgs.uefi-list/1", {
    file,
    fileId,
    bytes: all.byteLength,
    bytesLeft: bytesLeft(all),
    variables: shown.map((variable) => {
      const { data: _data, timestamp: _timestamp, ...facts } = variableToJson(variable);
      return { ...facts, bytes: variable.data.length };
    }),
    unreadable: unreadableParts(all),
    warnings,
  });
}

async function show(
  context: CommandContext,
  file: string,
  { list: all }: OpenedList,
  shown: readonly Variable[],
): Promise<void> {
  const { colors } = context;
  const count = formatCount(all.variables.length, "variable");
  const some = shown.length === all.variables.length ? count : `${shown.length} of ${count}`;
  const words = [some, formatSize(all.byteLength), ...spaceWords(context, all)];
  await print(context, `${colors.bold(escapeText(file))}: ${words.join(", ")}`);
  if (shown.length > 0) await printTable(context, shown.slice(0, MOST_SHOWN));
  const more = shown.length - MOST_SHOWN;
  if (more > 0) await print(context, `  ... ${formatCount(more, "more variable")}`);
  await printProblems(context, all);
}

const bytesLeft = ({ byteLength }: VariableList) => Math.max(0, MAX_LIST_BYTES - byteLength);

function spaceWords({ colors }: CommandContext, list: VariableList): string[] {
  if (list.byteLength > MAX_LIST_BYTES)
    return [colors.red(`too large: at most ${MAX_LIST_BYTES} are allowed`)];
  const left = bytesLeft(list);
  return left < LOW_LIST_BYTES ? [colors.yellow(`${left} of ${MAX_LIST_BYTES} bytes left`)] : [];
}

/** Terminals narrower than this get no more than names and values. */
const NARROW = 60;

async function printTable({ colors, stdout }: CommandContext, shown: readonly Variable[]): Promise<void> {
  const { formatTable } = await loadTable();
  const width = widthOf(stdout);
  const wide = width >= NARROW;
  const columns = [
    { title: "name" },
    { title: "vendor" },
    ...(wide ? [{ title: "attributes" }, { title: "bytes", align: "right" as const }] : []),
    { title: "value" },
  ];
  const rows = shown.map((variable) => [
    shortText(variable.name),
    vendorWord(variable.vendor),
    ...(wide ? [shortAttributes(variable.attributes), String(variable.data.length)] : []),
    summarise(variable),
  ]);
  await stdout.write(formatTable(columns, rows, { colors, width }));
}
