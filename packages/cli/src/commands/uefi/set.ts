import {
  appendVariable,
  encodeLoadOption,
  getVariable,
  loadOptionAttributes,
  MAX_LIST_BYTES,
  secureBootAttributes,
  setVariable,
  usualAttributes,
  type VariableKey,
  type VariableList,
  valueShape,
  variableAttributes,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { readInput } from "../../inputs.ts";
import { keyPath } from "../../stores.ts";
import { formatCount, parseCount } from "../../terminal/index.ts";
import { parseHex, parsePath, parseValue } from "./value-input.ts";
import { shortText } from "./value-words.ts";
import { changeVariables, WRITE_OPTIONS } from "./variable-change.ts";
import { chooseKey, vendorOption, vendorWord } from "./variable-keys.ts";
import { VENDOR_OPTION, variableArgument } from "./variable-list.ts";

export const set: CommandDeclaration = {
  name: "uefi set",
  summary: "set a UEFI variable",
  description:
    "The value comes from SOURCE as bytes, or is typed with --value, --hex, or --description and --path for a boot " +
    "option. A variable that exists keeps its place, its attributes and its time; a new one goes to the end. Without " +
    "--vendor it is the one vendor that has the variable, or that the UEFI specification gives it to. Signatures are " +
    "not checked: firmware takes what is stored.",
  args: [
    storeArgument,
    variableArgument,
    { name: "SOURCE", meaning: "file with the bytes of the value; - = standard input", required: false },
  ],
  options: [
    {
      flags: "--value <TEXT>",
      meaning: "the value by what the variable holds: on or off, a number, 0001,000A, text, a device path",
    },
    { flags: "--hex <BYTES>", meaning: "the value in hex" },
    { flags: "--description <TEXT>", meaning: "description of a boot option" },
    {
      flags: "--path <PATH>",
      meaning: "device path of a boot option: PciRoot(0x0)/Pci(0x1,0x0)",
    },
    { flags: "--append", meaning: "put the bytes behind those of the variable, which must exist" },
    {
      flags: "--attributes <BITS>",
      meaning: "attributes as a number, 0x27, or as names, NV+BS+RT+AT",
      fallback: "as they are; new: NV+BS+RT, with AT for secure boot databases",
    },
    VENDOR_OPTION,
    ...WRITE_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi set vm.vmgs BootNext --value 0002", meaning: "boot from Boot0002 once" },
    { command: "vmgs uefi set vm.vmgs BootOrder --value 0001,0000", meaning: "change the order" },
    { command: "vmgs uefi set vm.vmgs OsIndications --value 1", meaning: "enter the firmware's menu once" },
  ],
  async run(context, args, options) {
    const [file, name, source] = args as [string, string, string | undefined];
    const vendor = vendorOption(options);
    const read = await readValue(context, options, source);
    const attributes =
      options.attributes === undefined ? null : parseAttributes(options.attributes as string);
    if (options.append === true && attributes !== null) {
      throw new UsageError("--append keeps the attributes: leave --attributes away");
    }
    await changeVariables(context, file, options, (list) => {
      const key = chooseKey(list, name, vendor);
      const data = read(key);
      const what = `${shortText(name)} of ${vendorWord(key.vendor)}`;
      if (options.append === true) {
        const done = `appended ${formatCount(data.length, "byte")} to ${what}`;
        return { list: appendVariable(list, { ...key, data }), done };
      }
      const bits = attributes ?? attributesFor(list, key);
      const done = `set ${what} to ${formatCount(data.length, "byte")}`;
      return { list: setVariable(list, { ...key, attributes: bits, data }), done };
    });
    return 0;
  },
};

type ReadValue = (key: VariableKey) => Uint8Array;

/** The value, once it is known which variable it is for. Files are read before the store is touched. */
async function readValue(
  context: CommandContext,
  options: OptionValues,
  source: string | undefined,
): Promise<ReadValue> {
  const { value, hex, description, path } = options as Readonly<Record<string, string | undefined>>;
  const isOption = description !== undefined || path !== undefined;
  const given = [source, value, hex, isOption ? "" : undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0 ? "the value is missing" : "the value is given more than once",
      "give one of SOURCE, --value, --hex, or --description with --path",
    );
  }
  if (value !== undefined) return (key) => parseValue(key, value);
  if (hex !== undefined) {
    const data = parseHex(hex);
    return () => data;
  }
  if (isOption) return (key) => loadOption(key, description, path);
  const data = await readSource(context, options, source ?? "-");
  return () => data;
}

function loadOption(key: VariableKey, description: string | undefined, path: string | undefined): Uint8Array {
  if (valueShape(key) !== "loadOption") {
    throw new UsageError(
      `--description and --path are for boot options, and ${JSON.stringify(key.name)} is none`,
    );
  }
  if (description === undefined || path === undefined) {
    throw new UsageError("a boot option needs both --description and --path");
  }
  const attributes = loadOptionAttributes.of("ACTIVE");
  return encodeLoadOption({ attributes, description, paths: [parsePath(path, "--path")] });
}

async function readSource(
  context: CommandContext,
  options: OptionValues,
  source: string,
): Promise<Uint8Array> {
  if (source === "-" && keyPath(context, options) === "-") {
    throw new UsageError("value and key can't both come from standard input");
  }
  if (source === "-" && context.stdinIsTerminal)
    throw new UsageError("the value is to come from standard input, which is a terminal");
  // A value can't be larger than the whole list.
  return readInput(context, { path: source, role: "the source file", limit: MAX_LIST_BYTES });
}

function attributesFor(list: VariableList, key: VariableKey): number {
  const old = getVariable(list, key);
  if (old !== null) return old.attributes;
  return valueShape(key) === "signatureLists" ? secureBootAttributes : usualAttributes;
}

const SHORT_NAMES: Readonly<Record<string, number>> = {
  NV: variableAttributes.of("NON_VOLATILE"),
  BS: variableAttributes.of("BOOTSERVICE_ACCESS"),
  RT: variableAttributes.of("RUNTIME_ACCESS"),
  HR: variableAttributes.of("HARDWARE_ERROR_RECORD"),
  AW: variableAttributes.of("AUTHENTICATED_WRITE_ACCESS"),
  AT: variableAttributes.of("TIME_BASED_AUTHENTICATED_WRITE_ACCESS"),
  EA: variableAttributes.of("ENHANCED_AUTHENTICATED_ACCESS"),
};

function parseAttributes(text: string): number {
  if (/^\d/.test(text)) return parseCount(text, "--attributes");
  return text.split("+").reduce((bits, name) => {
    const bit = SHORT_NAMES[name.trim().toUpperCase()];
    if (bit !== undefined) return bits | bit;
    throw new UsageError(
      `--attributes: ${JSON.stringify(name)} is no attribute`,
      `write a number, or names with +: ${Object.keys(SHORT_NAMES).join(", ")}`,
    );
  }, 0);
}
