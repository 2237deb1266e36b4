import { basename } from "node:path";
import { appendedWords, setWords } from "vmgskit/report";
import {
  appendValue,
  changeLoadOption,
  encodeLoadOption,
  type GivenValue,
  getVariable,
  loadOptionAttributes,
  MAX_DATA_BYTES,
  readGivenValue,
  secureBootAttributes,
  setVariable,
  usualAttributes,
  type VariableKey,
  type VariableList,
  valueShape,
  variableAttributes,
  variableValue,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { readInput } from "../../inputs.ts";
import { keyPath } from "../../stores.ts";
import { parseCount } from "../../terminal/index.ts";
import { LOAD_OPTION_OPTIONS, parseHex, parseOptionalData, parsePath, parseValue } from "./value-input.ts";
import { changeVariables, FORCE_OPTION, refuseUnlessForced, WRITE_OPTIONS } from "./variable-change.ts";
import { chooseKey, vendorOption } from "./variable-keys.ts";
import { VENDOR_OPTION, variableArgument } from "./variable-list.ts";

const NO_OWNER = "00000000-0000-0000-0000-000000000000";

export const set: CommandDeclaration = {
  name: "uefi set",
  summary: "set a UEFI variable",
  description:
    "The value comes from SOURCE as bytes, or is typed with --value or --hex; parts of a boot option with --description, " +
    "--path and --optional-data. A variable that exists keeps its place, attributes and time; a boot option also " +
    "keeps the parts that are not given. A new variable goes to the end. The default of --vendor is the one vendor that " +
    "has the variable, or to which the UEFI specification gives it. A signed update (.auth), a copy out of efivarfs and a bare certificate (DER, PEM) " +
    "are recognised: only what the variable holds is stored. Other bytes that it can't hold are refused. Signatures are " +
    "not verified: firmware uses what is stored.",
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
    ...LOAD_OPTION_OPTIONS,
    {
      flags: "--append",
      meaning:
        "put the bytes after those of the variable, which must exist; signatures that it has are left out",
    },
    {
      flags: "--owner <GUID>",
      meaning: "owner of a bare certificate in its signature list",
      fallback: NO_OWNER,
    },
    FORCE_OPTION,
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
    await changeVariables(context, file, options, async (list) => {
      const key = chooseKey(list, name, vendor);
      const { data, forms, timestamp } = await storable(key, read(key, list), options);
      if (options.append === true) {
        const { list: changed, bytes, signatures } = appendValue(list, { ...key, data });
        const known = signatures?.known ?? 0;
        return { list: changed, done: appendedWords(list, changed, key, { bytes, known, forms }) };
      }
      const bits = attributes ?? attributesFor(list, key);
      const time = timestamp === null ? {} : { timestamp };
      const changed = setVariable(list, { ...key, attributes: bits, data, ...time });
      return { list: changed, done: setWords(list, changed, key, forms) };
    });
    return 0;
  },
};

/** A value, and whether it was given as bytes. */
interface Input {
  readonly data: Uint8Array;
  /** Null for a value that was typed by what the variable holds. */
  readonly source: string | null;
}

type ReadInput = (key: VariableKey, list: VariableList) => Input;

/** The bytes to be stored: without a wrapping, and such as the variable holds. */
async function storable(
  key: VariableKey,
  { data, source }: Input,
  options: OptionValues,
): Promise<Pick<GivenValue, "data" | "forms" | "timestamp">> {
  const asGiven = { data, forms: [], timestamp: null };
  if (source === null || data.length === 0 || options.force === true) return asGiven;
  const fromEfivarfs = basename(source).toLowerCase() === `${key.name}-${key.vendor}`.toLowerCase();
  const value = await readGivenValue(key, data, { owner: ownerOption(options), fromEfivarfs });
  refuseUnlessForced(value.problem, options);
  return value;
}

function ownerOption({ owner }: OptionValues): string {
  if (owner === undefined) return NO_OWNER;
  const text = (owner as string).toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  throw new UsageError(`--owner: ${JSON.stringify(owner)} is not a GUID`);
}

/** The value, once it is known which variable it is for. Files are read before the store is touched. */
async function readValue(
  context: CommandContext,
  options: OptionValues,
  source: string | undefined,
): Promise<ReadInput> {
  const { value, hex, description, path, optionalData } = options as Readonly<
    Record<string, string | undefined>
  >;
  const isOption = [description, path, optionalData].some((one) => one !== undefined);
  const given = [source, value, hex, isOption ? "" : undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0 ? "the value is missing" : "the value is given more than once",
      "give one of SOURCE, --value, --hex, or --description, --path and --optional-data",
    );
  }
  if (value !== undefined) return (key) => ({ data: parseValue(key, value), source: null });
  if (isOption) {
    const change = { description, path, optionalData };
    return (key, list) => ({ data: loadOption(key, list, change), source: null });
  }
  const data = hex === undefined ? await readSource(context, options, source ?? "-") : parseHex(hex);
  return () => ({ data, source: source ?? "" });
}

interface TypedOption {
  readonly description: string | undefined;
  readonly path: string | undefined;
  readonly optionalData: string | undefined;
}

/** A boot option with the parts that were typed; what was not typed stays as it is. */
function loadOption(key: VariableKey, list: VariableList, typed: TypedOption): Uint8Array {
  if (valueShape(key) !== "loadOption") {
    throw new UsageError(
      `--description, --path and --optional-data are for boot options, and ${JSON.stringify(key.name)} is not one`,
    );
  }
  const { description } = typed;
  const path = typed.path === undefined ? undefined : parsePath(typed.path, "--path");
  const optionalData = typed.optionalData === undefined ? undefined : parseOptionalData(typed.optionalData);
  const old = getVariable(list, key);
  const value = old === null ? null : variableValue(old);
  if (value?.kind === "loadOption") {
    return encodeLoadOption(
      changeLoadOption(value.option, {
        ...(description !== undefined && { description }),
        ...(path !== undefined && { path }),
        ...(optionalData !== undefined && { optionalData }),
      }),
    );
  }
  if (description === undefined || path === undefined) {
    throw new UsageError("a new boot option needs both --description and --path");
  }
  const attributes = loadOptionAttributes.of("ACTIVE");
  return encodeLoadOption({ attributes, description, paths: [path], ...(optionalData && { optionalData }) });
}

/** Bytes of a source beyond which nothing is the value of a variable, however it is wrapped. */
const MOST_BYTES = 16 * MAX_DATA_BYTES;

async function readSource(
  context: CommandContext,
  options: OptionValues,
  source: string,
): Promise<Uint8Array> {
  if (source === "-" && keyPath(context, options) === "-") {
    throw new UsageError("value and key can't both come from standard input");
  }
  if (source === "-" && context.stdinIsTerminal)
    throw new UsageError("the value would come from standard input, which is a terminal");
  return readInput(context, { path: source, role: "the source file", limit: MOST_BYTES });
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
      `--attributes: ${JSON.stringify(name)} is not an attribute`,
      `write a number, or names with +: ${Object.keys(SHORT_NAMES).join(", ")}`,
    );
  }, 0);
}
