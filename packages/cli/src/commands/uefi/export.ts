import { omittedUnreadable, omittedVariables } from "vmgskit/report";
import {
  type CustomUefi,
  customUefiOf,
  customUefiVariables,
  encodeCustomUefi,
  qemuVariablesToJson,
  type VariableList,
  variableListToJson,
} from "vmgskit/uefi";
import { type CommandDeclaration, OUTPUT_OPTIONS, storeArgument } from "../../declaration/index.ts";
import { notice } from "../../messages.ts";
import { writeBytes } from "../../output-file.ts";
import { escapeJson } from "../../terminal/index.ts";
import { codeFor } from "./list-code.ts";
import { openList, READ_OPTIONS } from "./variable-list.ts";

export const exportVariables: CommandDeclaration = {
  name: "uefi export",
  summary: "write the UEFI variables as JSON",
  description:
    "The form vmgs.uefi/1 says everything, byte for byte, also what can't be read; `vmgs uefi import --replace` gives " +
    "back the same list. The form custom-uefi is a CUSTOM_UEFI document with the secure boot databases only; the form " +
    "qemu is that of virt-fw-vars and of QEMU's uefi-vars device. With --json the document takes one line.",
  args: [storeArgument],
  options: [
    {
      flags: "--format <FORM>",
      meaning: "form of the document",
      choices: ["vmgs", "custom-uefi", "qemu"],
      fallback: "vmgs",
    },
    ...OUTPUT_OPTIONS,
    ...READ_OPTIONS,
  ],
  examples: [
    { command: "vmgs uefi export vm.vmgs -o vars.json", meaning: "everything, to keep or to compare" },
    {
      command: "vmgs uefi export vm.vmgs --format custom-uefi -o custom.json",
      meaning: "the keys and certificates, for another machine",
    },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const { list } = await openList(context, file, options);
    const custom = options.format === "custom-uefi" ? customUefiOf(list) : null;
    const document = documentOf(list, options.format === "qemu", custom);
    const lines = JSON.stringify(document, null, context.json ? undefined : 2).split("\n");
    const text = lines.map(escapeJson).join("\n");
    await writeBytes(context, options, new TextEncoder().encode(`${text}\n`), { isPrivate: true });
    const omitted = omittedWords(list, options.format as string | undefined, custom);
    if (omitted !== null) await notice(context, file, omitted);
    return codeFor(list);
  },
};

function documentOf(list: VariableList, isQemu: boolean, custom: CustomUefi | null): unknown {
  if (custom !== null) return customUefiToJson(custom);
  return isQemu ? qemuVariablesToJson(list) : variableListToJson(list);
}

/** The form of the document decides what is in it; what is not must be known. */
function omittedWords(
  list: VariableList,
  form: string | undefined,
  custom: CustomUefi | null,
): string | null {
  if (custom !== null) {
    return omittedVariables(list.variables.length - customUefiVariables(custom).list.variables.length);
  }
  return form === "qemu" ? omittedUnreadable(list.parts.length - list.variables.length) : null;
}

function customUefiToJson(custom: CustomUefi): unknown {
  return JSON.parse(new TextDecoder().decode(encodeCustomUefi(custom)));
}
