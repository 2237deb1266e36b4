import { clip } from "vmgskit/report";
import {
  type DevicePath,
  describeDatabase,
  devicePathText,
  type LoadOption,
  type OptionalText,
  optionalText,
  type Variable,
  valueShape,
  variableAttributes,
  variableTime,
  variableValue,
} from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import { type CommandDeclaration, OUTPUT_OPTIONS, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { printField } from "../../field-lines.ts";
import { print, printJson } from "../../messages.ts";
import { writeBytes } from "../../output-file.ts";
import { bytePart, byteRows, drawHexdump, escapeText, formatCount } from "../../terminal/index.ts";
import { countWords, printEntries } from "./certificate-lines.ts";
import { codeFor } from "./list-problems.ts";
import { unreadableParts, variableWithValue } from "./value-json.ts";
import { loadOptionMarks, shortText, valueWords, vmbusWords } from "./value-words.ts";
import { requireVariables, vendorOption, vendorWord } from "./variable-keys.ts";
import { openList, READ_OPTIONS, VENDOR_OPTION, variableArgument } from "./variable-list.ts";

export const show: CommandDeclaration = {
  name: "uefi show",
  summary: "show a UEFI variable and what its value means",
  description:
    "Load options, boot orders, device paths, certificates, flags and text are decoded; anything else is shown as hex. " +
    "Variables of that name of all vendors are shown, unless --vendor chooses one. A device path is written as firmware " +
    "prints it and as `vmgs uefi set --path` takes it; the EUI-64 of NVMe(...) begins with its last byte.",
  args: [storeArgument, variableArgument],
  options: [
    { flags: "--bytes", meaning: "show the bytes as well" },
    { flags: "--raw", meaning: "the exact bytes of the value" },
    ...OUTPUT_OPTIONS,
    VENDOR_OPTION,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi show vm.vmgs BootOrder", meaning: "the order of the boot options" },
    { command: "vmgs uefi show vm.vmgs db", meaning: "the certificates that boot loaders are checked with" },
    { command: "vmgs uefi show vm.vmgs PK --raw -o pk.esl", meaning: "the exact bytes into a file" },
  ],
  async run(context, args, options) {
    const [file, name] = args as [string, string];
    const raw = options.raw === true || options.output !== undefined;
    if (raw && context.json) throw new UsageError("--json excludes --raw and --output");
    const vendor = vendorOption(options);
    const { list, fileId, warnings } = await openList(context, file, options);
    const found = requireVariables(list, name, vendor);
    if (raw) {
      await writeBytes(context, options, only(found).data, { isPrivate: true });
      return codeFor(list);
    }
    const now = new Date();
    if (context.json) {
      const variables = await Promise.all(found.map((variable) => variableWithValue(variable, now)));
      const unreadable = unreadableParts(list);
      await printJson(context, "vmgs.uefi-show/1", { file, fileId, variables, unreadable, warnings });
      return codeFor(list);
    }
    for (const [i, variable] of found.entries()) {
      if (i > 0) await print(context, "");
      await printVariable(context, variable, { now, bytes: options.bytes === true });
    }
    return codeFor(list);
  },
};

/** --raw gives one value. */
function only([first, ...others]: readonly Variable[]): Variable {
  if (first !== undefined && others.length === 0) return first;
  const words = [first, ...others].flatMap((variable) =>
    variable === undefined ? [] : vendorWord(variable.vendor),
  );
  throw new UsageError("several vendors have a variable of that name", `add --vendor: ${words.join(", ")}`);
}

async function printVariable(
  context: CommandContext,
  variable: Variable,
  { now, bytes }: { readonly now: Date; readonly bytes: boolean },
): Promise<void> {
  const { name, vendor, attributes, data } = variable;
  const word = vendorWord(vendor);
  await print(context, context.colors.bold(shortText(name)));
  await printField(context, "vendor", word === vendor ? vendor : `${word} (${vendor})`);
  const names = variableAttributes.names(attributes).join(" | ");
  await printField(context, "attributes", `0x${attributes.toString(16)}${names === "" ? "" : ` ${names}`}`);
  const time = variableTime(variable);
  if (time !== null) await printField(context, "written", time);
  await printField(context, "size", formatCount(data.length, "byte"));
  const decoded = await printValue(context, variable, now);
  if (bytes || !decoded) await printHex(context, data);
}

/** Returns whether the value could be told in words. */
async function printValue(context: CommandContext, variable: Variable, now: Date): Promise<boolean> {
  if (valueShape(variable) === "signatureLists") {
    const database = await describeDatabase(variable, now);
    await printField(context, "holds", countWords(database));
    await printEntries(context, database, { now, hashes: true });
    if (database.error !== null) await printError(context, database.error.message);
    return database.error === null;
  }
  const value = variableValue(variable);
  if (value.kind === "raw") {
    if (value.error !== null) await printError(context, value.error.message);
    return false;
  }
  if (value.kind === "loadOption") await printLoadOption(context, value.option);
  else if (value.kind === "devicePath") await printPath(context, "path", value.path);
  else await printField(context, "value", clip(valueWords(value), MOST_VALUE));
  return true;
}

/** More of a text or of an order than this is for --json. */
const MOST_VALUE = 4000;

const printError = (context: CommandContext, message: string) =>
  printField(context, "problem", escapeText(message));

async function printLoadOption(context: CommandContext, option: LoadOption): Promise<void> {
  await printField(context, "description", clip(escapeText(option.description)));
  await printField(context, "option", loadOptionMarks(option));
  for (const [i, path] of option.paths.entries()) {
    await printPath(context, i === 0 ? "path" : `path ${i + 1}`, path);
  }
  if (option.pathProblem !== null) {
    const usable = option.paths.length > 0 ? "; firmware uses the path before it" : "";
    await printError(context, `${option.pathProblem.message}${usable}`);
  }
  if (option.optionalData.length === 0) return;
  await printField(context, "optional data", formatCount(option.optionalData.length, "byte"));
  const text = optionalText(option.optionalData);
  if (text !== null) await printField(context, "  as text", clip(optionalWords(text), MOST_VALUE));
  await printHex(context, option.optionalData);
}

const ENCODINGS = { ascii: "ASCII", ucs2: "UCS-2" } as const;

function optionalWords({ text, encoding, terminated }: OptionalText): string {
  return `"${escapeText(text)}" (${ENCODINGS[encoding]}${terminated ? "" : ", without a NUL at its end"})`;
}

async function printPath(context: CommandContext, name: string, path: DevicePath): Promise<void> {
  await printField(context, name, clip(escapeText(devicePathText(path)), MOST_VALUE));
  const vmbus = vmbusWords(path);
  if (vmbus !== null) await printField(context, "", `VMBus: ${clip(vmbus)}`);
}

/** Bytes shown as hex; all of them are for --raw. */
const MOST_HEX = 4096;

async function printHex(context: CommandContext, data: Uint8Array): Promise<void> {
  if (data.length === 0) return;
  const { colors, stdout } = context;
  const [, ...lines] = drawHexdump(bytePart("", 0, byteRows(data.subarray(0, MOST_HEX))), {
    colors,
    width: widthOf(stdout) - HEX_INDENT.length,
  });
  for (const line of lines) await print(context, `${HEX_INDENT}${line}`);
  if (data.length <= MOST_HEX) return;
  await print(context, `${HEX_INDENT}... ${formatCount(data.length - MOST_HEX, "byte")} more`);
}

const HEX_INDENT = "    ";
