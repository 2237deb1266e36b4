import { isVmgsError, VmgsError, type Warning } from "vmgskit";
import {
  applyCustomUefi,
  type CustomUefi,
  checkValue,
  encodeVariableList,
  keyText,
  listOf,
  readCustomUefi,
  readVariableDocument,
  setVariables,
  type Variable,
  type VariableDocument,
  type VariableList,
} from "vmgskit/uefi";
import type { CommandContext } from "../../context.ts";
import { type CommandDeclaration, type OptionValues, storeArgument } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { InputLimit, readInput } from "../../inputs.ts";
import { keyPath } from "../../stores.ts";
import { formatCount } from "../../terminal/index.ts";
import { shortText } from "./value-words.ts";
import {
  changeVariables,
  FORCE_OPTION,
  refuseUnlessForced,
  someNames,
  type VariableChange,
  WRITE_OPTIONS,
} from "./variable-change.ts";

export const importVariables: CommandDeclaration = {
  name: "uefi import",
  summary: "put UEFI variables from JSON into a store",
  description:
    "Takes the document of `vmgs uefi export`, the JSON of virt-fw-vars and QEMU, a CUSTOM_UEFI document, an image " +
    "version of the Azure Compute Gallery, or the JSON export of a version 1 file; each form names itself. Variables of " +
    "the document are set, others stay; --replace makes the list exactly that of the document. A CUSTOM_UEFI document " +
    "does what firmware does with it at first boot; of a gallery image the additional signatures are added. All in one " +
    "transaction. Values that their variable can't hold are refused, and so is a variable that comes twice.",
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
    FORCE_OPTION,
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
      readVariableDocument(await readSource(context, source)),
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
  const bytes = await readInput(context, {
    path: source,
    role: "the source file",
    limit: InputLimit.variables,
  });
  if (bytes.length > 0) return bytes;
  throw new VmgsError("VMGS_CONTENT_EMPTY", "the document is empty", { bytes: 0 });
}

async function readTemplate(context: CommandContext, options: OptionValues): Promise<CustomUefi | null> {
  if (options.template === undefined) return null;
  const path = options.template as string;
  return aboutDocument(path, async () =>
    readCustomUefi(await readInput(context, { path, role: "the template", limit: InputLimit.document }), {
      template: true,
    }),
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

function planner(
  document: VariableDocument,
  options: OptionValues,
  template: CustomUefi | null,
): (list: VariableList) => Promise<VariableChange> {
  const isList = document.form !== "custom" && document.form !== "gallery";
  if (!isList && options.replace === true) {
    throw new UsageError(
      "--replace is for documents with a list of variables: this one says itself what it replaces",
    );
  }
  if (document.form !== "custom" && template !== null) {
    throw new UsageError("--template is for CUSTOM_UEFI documents");
  }
  return async (list) => {
    if (isList && options.replace === true && options.allowEmpty !== true) refuseNothing(list, document.list);
    const { list: changed, warnings } = isList
      ? { list: options.replace === true ? document.list : merge(list, document.list), warnings: [] }
      : applyCustom(list, document.custom, template);
    // What was exported comes back as it was.
    if (options.replace !== true) await checkValues(list, changed, options);
    const told = [...documentWarnings(document), ...warnings];
    return { list: changed, done: describeChange(list, changed), warnings: told };
  };
}

/** @throws VmgsError VMGS_CONTENT_EMPTY when all variables would go */
function refuseNothing(list: VariableList, replacement: VariableList): void {
  if (list.byteLength === 0 || replacement.byteLength > 0) return;
  const message = "the document has no variables, and would replace all that are there";
  throw new VmgsError("VMGS_CONTENT_EMPTY", message, { bytes: 0 });
}

function documentWarnings(document: VariableDocument): Warning[] {
  const templates = document.form === "gallery" ? document.templates : [];
  return [
    ...(document.byteOrderMark
      ? [
          {
            code: "VMGS_UEFI_BYTE_ORDER_MARK",
            message: "the document began with a byte order mark, which was taken off",
          } as const,
        ]
      : []),
    ...templates.map((name) => ({
      code: "VMGS_UEFI_TEMPLATE_DEFAULT" as const,
      message: `the signatures of the template ${JSON.stringify(name)} are not in the document: only the additional ones are added`,
    })),
  ];
}

function applyCustom(
  list: VariableList,
  custom: CustomUefi,
  template: CustomUefi | null,
): Pick<VariableChange, "list"> & { readonly warnings: readonly Warning[] } {
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
  return { list: changed, warnings };
}

/** Refuses values that come in and are not what their variable holds. */
async function checkValues(before: VariableList, after: VariableList, options: OptionValues): Promise<void> {
  if (options.force === true) return;
  const old = byKey(before);
  for (const variable of after.variables) {
    const match = old.get(keyText(variable));
    if (match !== undefined && Buffer.compare(match.data, variable.data) === 0) continue;
    refuseUnlessForced(await checkValue(variable, variable.data), options);
  }
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
  return setVariables(
    list,
    document.variables.map(({ vendor, name, attributes, timestamp, data }) => ({
      vendor,
      name,
      attributes,
      timestamp,
      data,
    })),
  );
}

/** Of two with the same key the first counts. */
function byKey({ variables }: VariableList): ReadonlyMap<string, Variable> {
  return new Map(variables.toReversed().map((variable) => [keyText(variable), variable]));
}

/** `imported: 2 added (A, B), 1 changed (C), 4 as they were`. */
function describeChange(before: VariableList, after: VariableList): string {
  const same = (one: Variable, other: Variable) => Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
  const added: string[] = [];
  const changed: string[] = [];
  let unchanged = 0;
  const [earlier, later] = [byKey(before), byKey(after)];
  for (const variable of after.variables) {
    const old = earlier.get(keyText(variable));
    if (old === undefined) added.push(shortText(variable.name));
    else if (same(old, variable)) unchanged++;
    else changed.push(shortText(variable.name));
  }
  const removed = before.variables
    .filter((variable) => !later.has(keyText(variable)))
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
