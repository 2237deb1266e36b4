/** What a CUSTOM_UEFI document does to variables, and the document that would make them (spec: uefi-nvram, section 3). */

import { appendValue } from "../append-value.ts";
import {
  encodeSignatureLists,
  readSignatureLists,
  type SignatureList,
  SignatureType,
  signatureListOf,
} from "../signatures/index.ts";
import { VendorGuid } from "../values/index.ts";
import {
  emptyVariableList,
  getVariable,
  removeVariables,
  secureBootAttributes,
  setVariable,
  type VariableKey,
  type VariableList,
  variableAttributes,
} from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import {
  type CustomSignature,
  type CustomSignatureListName,
  type CustomUefi,
  type CustomVariable,
  checkCustomUefi,
  customSignatureLists,
} from "./custom-uefi.ts";
import { jsonError } from "./json-value.ts";

/** A database that the document can name. */
export type CustomDatabase = "PK" | CustomSignatureListName;
const databases: readonly CustomDatabase[] = ["PK", ...customSignatureLists];

/** What shim's databases have: the operating system does not see them. */
const shimAttributes = variableAttributes.of("NON_VOLATILE", "BOOTSERVICE_ACCESS");

function databaseKey(name: CustomDatabase): VariableKey & { readonly attributes: number } {
  if (name === "MokList" || name === "MokListX") {
    return { vendor: VendorGuid.SHIM_LOCK, name, attributes: shimAttributes };
  }
  const global = name === "PK" || name === "KEK";
  const vendor = global ? VendorGuid.EFI_GLOBAL_VARIABLE : VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
  return { vendor, name, attributes: secureBootAttributes };
}

/** What became of the variables. */
export interface CustomUefiResult {
  readonly list: VariableList;
  /** Databases that take the template's signatures, and no template was given: they are as they were. */
  readonly defaults: readonly CustomDatabase[];
  /** Variables that are not stored, because they are volatile or hold nothing. */
  readonly unstored: readonly CustomVariable[];
}

/**
 * Does to the list what firmware does at first boot: takes over or appends the signatures, then sets the variables. PK,
 * which holds one key, is taken over in both modes. Signatures get Microsoft's owner GUID and no time.
 *
 * @param template the document that `Default` stands for
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_OUT_OF_SPACE, VMGS_UEFI_DATA_TOO_LONG, VMGS_UEFI_NAME_TOO_LONG,
 * VMGS_UEFI_VARIABLE_INVALID
 */
export function applyCustomUefi(
  list: VariableList,
  custom: CustomUefi,
  template: CustomUefi | null = null,
): CustomUefiResult {
  checkVariableList(list, "list");
  checkCustomUefi(custom, "custom");
  if (template !== null) checkCustomUefi(template, "template");
  const defaults: CustomDatabase[] = [];
  let changed = list;
  for (const name of databases) {
    const signatures = signaturesOf(custom, name);
    if (signatures === null) continue;
    const given = signatures.some(isDefault) ? signaturesOf(template, name) : signatures;
    if (given === null) defaults.push(name);
    else changed = putSignatures(changed, name, given, custom.signatureMode === "Append" && name !== "PK");
  }
  const unstored: CustomVariable[] = [];
  for (const variable of custom.variables) {
    const { guid: vendor, name, attributes, value: data } = variable;
    const isStored = variableAttributes.has(attributes, "NON_VOLATILE") && data.length > 0;
    if (isStored) changed = setVariable(changed, { vendor, name, attributes, data });
    else unstored.push(variable);
  }
  return { list: changed, defaults, unstored };
}

/** The variables that a document stands for by itself. */
export function customUefiVariables(custom: CustomUefi): CustomUefiResult {
  checkCustomUefi(custom, "custom");
  return applyCustomUefi(emptyVariableList, custom);
}

const isDefault = ({ type }: CustomSignature) => type === "Default";

function signaturesOf(custom: CustomUefi | null, name: CustomDatabase): readonly CustomSignature[] | null {
  const found = custom?.signatures[name] ?? null;
  return found === null || Array.isArray(found) ? found : [found as CustomSignature];
}

function putSignatures(
  list: VariableList,
  name: CustomDatabase,
  signatures: readonly CustomSignature[],
  append: boolean,
): VariableList {
  const key = databaseKey(name);
  const old = append ? getVariable(list, key) : null;
  const given = encodeSignatureLists(signatures.flatMap(listsOf));
  if (old === null && given.length === 0) return removeVariables(list, [key]);
  if (old === null) return setVariable(list, { ...key, data: given });
  return appendValue(list, { ...key, data: given }).list;
}

/** Certificates have sizes of their own, so each is a list; hashes share one. */
function listsOf(signature: CustomSignature): SignatureList[] {
  const owner = VendorGuid.MICROSOFT_SECURE_BOOT;
  if (signature.type === "x509") return signature.value.map((der) => signatureListOf("X509", owner, [der]));
  if (signature.type === "Default" || signature.value.length === 0) return [];
  return [signatureListOf("SHA256", owner, signature.value)];
}

/**
 * The document that replaces the signatures that are there with those of this list. It holds the databases only,
 * not their times and owners, and no other variables.
 *
 * @throws VmgsError VMGS_UEFI_JSON when PK is not one certificate, or a database holds what such a document can't say.
 */
export function customUefiOf(list: VariableList): CustomUefi {
  checkVariableList(list, "list");
  const read = (name: CustomDatabase) => readDatabase(list, name);
  const [platformKey, ...others] = read("PK") ?? [];
  if (platformKey?.type !== "x509" || platformKey.value.length !== 1 || others.length > 0) {
    throw jsonError("PK", "is not one certificate, as a document that replaces needs it");
  }
  return {
    signatureMode: "Replace",
    signatures: {
      PK: platformKey,
      KEK: read("KEK") ?? [],
      db: read("db") ?? [],
      dbx: read("dbx") ?? [],
      MokList: read("MokList"),
      MokListX: read("MokListX"),
    },
    variables: [],
  };
}

function readDatabase(list: VariableList, name: CustomDatabase): CustomSignature[] | null {
  const variable = getVariable(list, databaseKey(name));
  if (variable === null) return null;
  const { lists, problem } = readSignatureLists(variable.data);
  if (problem !== null)
    throw jsonError(name, `can't be read as a whole: ${problem.message}`, { cause: problem });
  const found: { type: "x509" | "sha256"; value: Uint8Array[] }[] = [];
  for (const { type: typeGuid, typeName, signatures } of lists) {
    const type = typesInWords.get(typeGuid);
    if (type === undefined) {
      throw jsonError(
        name,
        `holds signatures of type ${typeName ?? typeGuid}, but the document can only hold X.509 and SHA-256`,
      );
    }
    const last = found.at(-1);
    if (last?.type === type) for (const { data } of signatures) last.value.push(data);
    else found.push({ type, value: signatures.map(({ data }) => data) });
  }
  return found;
}

const typesInWords = new Map<string, "x509" | "sha256">([
  [SignatureType.X509, "x509"],
  [SignatureType.SHA256, "sha256"],
]);
