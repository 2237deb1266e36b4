/** Any JSON document with variables: which form it has, and that it says nothing twice. */

import { checkBytes } from "../../arguments/index.ts";
import { keyText, type VariableKey, type VariableList } from "../variables/index.ts";
import { CUSTOM_UEFI_TYPE, type CustomUefi, customUefiFrom } from "./custom-uefi.ts";
import { customUefiVariables } from "./custom-uefi-variables.ts";
import { GALLERY_TYPE, readGalleryDocument } from "./gallery-document.ts";
import { hasByteOrderMark, jsonError, optionalMember, parseJson } from "./json-value.ts";
import { legacyExportFrom } from "./legacy-export.ts";
import { VARIABLE_LIST_SCHEMA, variableListFromJson } from "./list-json.ts";
import { qemuVariablesFrom } from "./qemu-variables.ts";

/**
 * What a document holds: a list of variables (`vmgs`: our own, `qemu`: of virt-fw-vars, `legacy`: the export of a version
 * 1 file), or settings that are applied to one (`custom`: CUSTOM_UEFI, `gallery`: of the Azure Compute Gallery).
 */
export type VariableDocument = {
  /** The document begins with a byte order mark, which was taken off. */
  readonly byteOrderMark: boolean;
} & (
  | { readonly form: "vmgs" | "qemu" | "legacy"; readonly list: VariableList }
  | { readonly form: "custom"; readonly custom: CustomUefi }
  | { readonly form: "gallery"; readonly custom: CustomUefi; readonly templates: readonly string[] }
);

/**
 * Reads a document of any known form; the forms name themselves.
 *
 * @throws VmgsError VMGS_UEFI_JSON when it has no known form, or a variable twice
 */
export function readVariableDocument(source: Uint8Array): VariableDocument {
  checkBytes(source, "source");
  const byteOrderMark = hasByteOrderMark(source);
  const bytes = byteOrderMark ? source.subarray(3) : source;
  const root = parseJson(bytes);
  const repeated = repeatedMember(new TextDecoder().decode(bytes));
  if (repeated !== null) throw jsonError(JSON.stringify(repeated), "is there twice");
  const has = (name: string) => isObject(root.value) && optionalMember(root, name) !== undefined;
  if (has("schema") || has("version")) {
    const isOurs = has("schema");
    const list = isOurs ? variableListFromJson(root.value) : qemuVariablesFrom(root);
    checkOnce(list.variables);
    return { form: isOurs ? "vmgs" : "qemu", list, byteOrderMark };
  }
  if (has("Devices")) {
    const { list } = legacyExportFrom(root);
    checkOnce(list.variables);
    return { form: "legacy", list, byteOrderMark };
  }
  if (has("type")) {
    const { value } = optionalMember(root, "type") ?? {};
    if (typeof value === "string" && value.toLowerCase() === GALLERY_TYPE.toLowerCase()) {
      return { form: "gallery", ...readGalleryDocument(root), byteOrderMark };
    }
    const custom = customUefiFrom(root);
    const databases = customUefiVariables({ ...custom, variables: [] }).list.variables;
    checkOnce([...databases, ...custom.variables.map(({ guid: vendor, name }) => ({ vendor, name }))]);
    return { form: "custom", custom, byteOrderMark };
  }
  throw jsonError(
    "",
    `is neither of schema ${VARIABLE_LIST_SCHEMA}, nor of virt-fw-vars, nor an export of a version 1 file, nor of type ${CUSTOM_UEFI_TYPE} or ${GALLERY_TYPE}`,
  );
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

function checkOnce(keys: readonly VariableKey[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    const text = keyText(key);
    if (seen.has(text)) {
      throw jsonError("", `has the variable ${JSON.stringify(key.name)} of vendor ${key.vendor} twice`);
    }
    seen.add(text);
  }
}

/** The name of a member that an object of sound JSON has twice, or null. `JSON.parse` takes the last one silently. */
function repeatedMember(json: string): string | null {
  const open: (Set<string> | null)[] = [];
  // A string before a colon is a name; braces and brackets in strings are skipped with them.
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token.endsWith(":")) {
      const name = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return null;
}
