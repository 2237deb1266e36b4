import { bootEntriesWords, removedWords, setWords } from "vmgskit/report";
import {
  addBootOption,
  loadOptionAttributes,
  numberedName,
  removeBootOptions,
  setBootOptionActive,
  type VariableKey,
  type VariableList,
  VendorGuid,
} from "vmgskit/uefi";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { bootEntry, entryArgument, FIRST_OPTION } from "./boot-entries.ts";
import { LOAD_OPTION_OPTIONS, parseOptionalData, parsePath } from "./value-input.ts";
import { changeVariables, type VariableChange, WRITE_OPTIONS } from "./variable-change.ts";

const ACTIONS = ["add", "rm", "enable", "disable"] as const;
const NEW_ONLY = ["description", "path", "optionalData", "first"] as const;

export const bootEntryCommand: CommandDeclaration = {
  name: "uefi boot-entry",
  summary: "add, remove, enable or disable boot options",
  description:
    "add makes a new option under the lowest free number and puts it at the end of the boot order. rm removes options, " +
    "their places in the order, and BootNext when it names one. Firmware skips an option that is disabled.",
  args: [
    storeArgument,
    { name: "ACTION", meaning: "what to do with boot options", required: true, choices: ACTIONS },
    { ...entryArgument, required: false, many: true },
  ],
  options: [...LOAD_OPTION_OPTIONS, FIRST_OPTION, ...WRITE_OPTIONS],
  examples: [
    { command: "vmgs uefi boot-entry vm.vmgs disable 0001", meaning: "make firmware skip Boot0001" },
    { command: "vmgs uefi boot-entry vm.vmgs rm Network", meaning: "remove an option by its description" },
    {
      command: "vmgs uefi boot-entry vm.vmgs add --description Net --path 'Pci(0x1,0x0)'",
      meaning: "add an option",
    },
  ],
  async run(context, args, options) {
    const [file, action, entries = []] = args as [string, (typeof ACTIONS)[number], (readonly string[])?];
    checkCall(action, entries, options);
    await changeVariables(context, file, options, (list) =>
      action === "add" ? added(list, options) : changed(list, action, entries),
    );
    return 0;
  },
};

function checkCall(action: string, entries: readonly string[], options: OptionValues): void {
  if (action !== "add") {
    if (entries.length === 0) throw new UsageError(`${action} needs at least one ENTRY`);
    if (NEW_ONLY.some((name) => options[name] !== undefined)) {
      throw new UsageError("--description, --path, --optional-data and --first are for add");
    }
    return;
  }
  if (entries.length > 0) throw new UsageError("add takes no ENTRY: the new option gets a free number");
  if (options.description === undefined || options.path === undefined) {
    throw new UsageError("a new boot option needs both --description and --path");
  }
}

const keyOf = (number: number): VariableKey => ({
  vendor: VendorGuid.EFI_GLOBAL_VARIABLE,
  name: numberedName("Boot", number),
});

function added(list: VariableList, options: OptionValues): VariableChange {
  const { description, path, optionalData } = options as Readonly<Record<string, string | undefined>>;
  const option = {
    attributes: loadOptionAttributes.of("ACTIVE"),
    description: description ?? "",
    paths: [parsePath(path ?? "", "--path")],
    ...(optionalData !== undefined && { optionalData: parseOptionalData(optionalData) }),
  };
  const { list: after, number } = addBootOption(list, option, options.first === true);
  return { list: after, done: setWords(list, after, keyOf(number)) };
}

function changed(
  list: VariableList,
  action: Exclude<(typeof ACTIONS)[number], "add">,
  entries: readonly string[],
): VariableChange {
  const numbers = [...new Set(entries.map((entry) => bootEntry(list, entry)))];
  if (action === "rm") {
    return { list: removeBootOptions(list, numbers), done: removedWords(list, numbers.map(keyOf)) };
  }
  const enable = action === "enable";
  const after = numbers.reduce((so, number) => setBootOptionActive(so, number, enable), list);
  return { list: after, done: bootEntriesWords(list, numbers, enable) };
}
