import { isVmgsError, VmgsError, type Warning } from "vmgskit";
import {
  applyCustomUefi,
  type CustomUefi,
  encodeVariableList,
  getVariable,
  listOf,
  readCustomUefi,
  readLegacyExport,
  setVariable,
  type Variable,
  type VariableList,
  variableListFromJson,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import type { HostFileRole } from "../../host-files.ts";
import { InputLimit, readInputStart } from "../../inputs.ts";
import { keyPath } from "../../stores.ts";
import { formatCount } from "../../terminal/index.ts";
import { shortText } from "./value-words.ts";
import { changeVariables, someNames, type VariableChange, WRITE_OPTIONS } from "./variable-change.ts";

export const importVariables: CommandDeclaration = {
  name: "uefi import",
  summary: "put UEFI variables from JSON into a store",
  description:
    "Takes the document of `vmgs uefi export`, a CUSTOM_UEFI document, or the JSON export of a version 1 file, told " +
    "apart by what they hold. Variables of the document are set, others stay; --replace makes the list exactly that of " +
    "the document. A CUSTOM_UEFI document does what firmware does with it at first boot. All in one transaction.",
  args: [
    storeArgument,
    { name: "SOURCE", meaning: "file with the JSON document; - = standard input (default)", required: false },
  ],
  options: [
    { flags: "--replace", meaning: "the list becomes that of the document; what is not in it is lost" },
    { flags: "--allow-empty", meaning: "accept a source that holds nothing" },
    {
      flags: "--template <FILE>",
      meaning: "template whose signatures Default stands for in a CUSTOM_UEFI document",
    },
    ...WRITE_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi import vm.vmgs vars.json --dry-run", meaning: "see what would be set" },
    { command: "vmgs uefi import vm.vmgs vars.json --replace", meaning: "bring back what was exported" },
    { command: "vmgs uefi export a.vmgs | vmgs uefi import b.vmgs", meaning: "copy from store to store" },
  ],
  async run(context, args, options) {
    const [file, source = "-"] = args as [string, string | undefined];
    if (source === "-" && keyPath(context, options) === "-") {
      throw new UsageError("document and key can't both come from standard input");
    }
    const document = await aboutDocument(source, async () =>
      parseDocument(await readSource(context, source)),
    );
    const plan = planner(document, options, await readTemplate(context, options));
    await changeVariables(context, file, options, plan);
    return 0;
  },
};

async function readSource(context: CommandContext, source: string): Promise<Uint8Array> {
  if (source === "-" && context.stdinIsTerminal) {
    throw new UsageError("SOURCE is missing, and standard input is a terminal");
  }
  const bytes = await readDocument(context, source, "the source file");
  if (bytes.length > 0) return bytes;
  throw new VmgsError("VMGS_CONTENT_EMPTY", "the document is empty", { bytes: 0 });
}

async function readDocument(context: CommandContext, path: string, role: HostFileRole): Promise<Uint8Array> {
  const limit = InputLimit.document;
  const bytes = await readInputStart(context, { path, role, limit: limit + 1 });
  if (bytes.length <= limit) return bytes;
  throw new VmgsError("VMGS_UEFI_JSON", `the document has more than ${limit} bytes`);
}

async function readTemplate(context: CommandContext, options: OptionValues): Promise<CustomUefi | null> {
  if (options.template === undefined) return null;
  const path = options.template as string;
  return aboutDocument(path, async () =>
    readCustomUefi(await readDocument(context, path, "the template"), { template: true }),
  );
}

/** Errors of a document name it, as the name of the store stands before them. */
async function aboutDocument<T>(source: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isVmgsError(error, "VMGS_UEFI_JSON")) throw error;
    const name = source === "-" ? "standard input" : source;
    throw new VmgsError(error.code, `${name}: ${error.message}`, error.facts, { cause: error });
  }
}

type Document =
  | { readonly form: "list"; readonly list: VariableList }
  | { readonly form: "custom"; readonly custom: CustomUefi };

/** The forms name themselves; there is nothing to guess. */
function parseDocument(bytes: Uint8Array): Document {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new VmgsError("VMGS_UEFI_JSON", "the document is not JSON in UTF-8", {}, { cause });
  }
  const has = (name: string) => typeof json === "object" && json !== null && Object.hasOwn(json, name);
  if (has("schema")) return { form: "list", list: variableListFromJson(json) };
  if (has("Devices")) return { form: "list", list: readLegacyExport(bytes).list };
  if (has("type")) return { form: "custom", custom: readCustomUefi(bytes) };
  throw new VmgsError(
    "VMGS_UEFI_JSON",
    "the document is neither of schema vmgs.uefi/1, nor CUSTOM_UEFI, nor an export of a version 1 file",
  );
}

function planner(
  document: Document,
  options: OptionValues,
  template: CustomUefi | null,
): (list: VariableList) => VariableChange {
  if (document.form === "custom") {
    if (options.replace === true) {
      throw new UsageError(
        "--replace is not for a CUSTOM_UEFI document: its signatureMode says what it replaces",
      );
    }
    return (list) => applyCustom(list, document.custom, template);
  }
  if (template !== null) throw new UsageError("--template is for CUSTOM_UEFI documents");
  return (list) => {
    if (options.replace === true && options.allowEmpty !== true) refuseNothing(list, document.list);
    const changed = options.replace === true ? document.list : merge(list, document.list);
    return { list: changed, done: describeChange(list, changed) };
  };
}

/** @throws VmgsError VMGS_CONTENT_EMPTY when all variables would go */
function refuseNothing(list: VariableList, replacement: VariableList): void {
  if (list.byteLength === 0 || replacement.byteLength > 0) return;
  const message = "the document has no variables, and would replace all that are there";
  throw new VmgsError("VMGS_CONTENT_EMPTY", message, { bytes: 0 });
}

function applyCustom(list: VariableList, custom: CustomUefi, template: CustomUefi | null): VariableChange {
  const { list: changed, defaults, unstored } = applyCustomUefi(list, custom, template);
  if (defaults.length > 0) {
    throw new UsageError(
      `the document takes ${defaults.join(", ")} from the machine's template`,
      "give that template with --template FILE",
    );
  }
  const warnings: Warning[] = unstored.map(({ name }) => ({
    code: "VMGS_UEFI_NOT_STORED",
    message: `${JSON.stringify(name)} is volatile or empty, and is not stored`,
  }));
  return { list: changed, done: describeChange(list, changed), warnings };
}

/** Sets every variable of the document. Parts of it that can't be read have no name to be set by. */
function merge(list: VariableList, document: VariableList): VariableList {
  const [problem] = document.problems;
  if (problem !== undefined) {
    throw new VmgsError(
      "VMGS_UEFI_LIST_DAMAGED",
      `the document holds parts that can't be read (${problem.message}); only --replace can bring them back`,
      { offset: problem.offset },
    );
  }
  return document.variables.reduce(setFrom, list);
}

function setFrom(list: VariableList, { vendor, name, attributes, timestamp, data }: Variable): VariableList {
  try {
    return setVariable(list, { vendor, name, attributes, timestamp, data });
  } catch (error) {
    if (!(error instanceof VmgsError) || error.code !== "VMGS_UEFI_VARIABLE_INVALID") throw error;
    throw new VmgsError(error.code, `${JSON.stringify(name)}: ${error.message}`, error.facts, {
      cause: error,
    });
  }
}

/** `imported: 2 added (A, B), 1 changed (C), 4 as they were`. */
function describeChange(before: VariableList, after: VariableList): string {
  const same = (one: Variable, other: Variable) => Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
  const added: string[] = [];
  const changed: string[] = [];
  let unchanged = 0;
  for (const variable of after.variables) {
    const old = getVariable(before, variable);
    if (old === null) added.push(shortText(variable.name));
    else if (same(old, variable)) unchanged++;
    else changed.push(shortText(variable.name));
  }
  const removed = before.variables
    .filter((variable) => getVariable(after, variable) === null)
    .map(({ name }) => shortText(name));
  const words = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [`${names.length} ${what} (${someNames(names)})`];
  const parts = [
    ...words(added, "added"),
    ...words(changed, "changed"),
    ...words(removed, "removed"),
    ...(unchanged === 0 ? [] : [`${unchanged} as before`]),
  ];
  const imported = `imported ${formatCount(after.variables.length, "variable")}`;
  return parts.length === 0 ? imported : `${imported}: ${parts.join(", ")}`;
}

const bytesOf = (variable: Variable) => encodeVariableList(listOf([variable]));
