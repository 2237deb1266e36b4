/** CUSTOM_UEFI (file 9): JSON with secure boot signatures and variables for firmware (spec: uefi-nvram, section 3). */

import { type Check, checkBytes, checkFlag, having, optionsOf } from "../../arguments/index.ts";
import { decode, encode, guid, type Json, u32 } from "../../layout/index.ts";
import { toBase64 } from "./base64.ts";
import {
  asBase64,
  asGuid,
  asNumber,
  asOneOf,
  elements,
  isNull,
  jsonError,
  member,
  members,
  optionalMember,
  type Place,
  parseJson,
} from "./json-value.ts";

/** What the root's `type` must be. */
export const CUSTOM_UEFI_TYPE = "Microsoft.Compute/disks";

/**
 * What happens to the signatures that are there: new ones are added, or take their place. With `Replace` a document
 * without dbx leaves that one as it is.
 */
export const signatureModes = ["Append", "Replace"] as const;
/** Whether a document's signatures are added after those that are there, or replace them. */
export type SignatureMode = (typeof signatureModes)[number];

/** Signatures of one type; `Default` stands for those of the template. */
export type CustomSignature =
  | { readonly type: "x509" | "sha256"; readonly value: readonly Uint8Array[] }
  | { readonly type: "Default" };

/** Databases that hold lists of signatures. */
export const customSignatureLists = ["KEK", "db", "dbx", "MokList", "MokListX"] as const;
/** Name of a signature list of a CUSTOM_UEFI document; PK is not a list, but one signature. */
export type CustomSignatureListName = (typeof customSignatureLists)[number];

/** What `signatures` holds; null where there is nothing. */
export type CustomSignatures = {
  readonly PK: CustomSignature | null;
} & { readonly [N in CustomSignatureListName]: readonly CustomSignature[] | null };

/** A variable for firmware. */
export interface CustomVariable {
  readonly name: string;
  /** Vendor GUID in lower case. */
  readonly guid: string;
  readonly attributes: number;
  readonly value: Uint8Array;
}

/** A CUSTOM_UEFI document (file 9), read. */
export interface CustomUefi {
  readonly signatureMode: SignatureMode;
  readonly signatures: CustomSignatures;
  readonly variables: readonly CustomVariable[];
}

export const checkCustomUefi: Check = having("signatureMode", "signatures", "variables");

/** How a CUSTOM_UEFI document is read. */
export interface CustomUefiOptions {
  /** The document is a template: neither `Append` nor `Default` are allowed. */
  readonly template?: boolean;
}

const checkCustomUefiOptions = optionsOf({
  template: checkFlag,
});

const SHA256_BYTES = 32;
const settingNames: readonly string[] = ["signatureMode", "signatures"];

/**
 * Reads and checks the document. Certificates are not looked into.
 *
 * @throws VmgsError VMGS_UEFI_JSON
 */
export function readCustomUefi(source: Uint8Array | string, options: CustomUefiOptions = {}): CustomUefi {
  if (typeof source !== "string") checkBytes(source, "source");
  checkCustomUefiOptions(options, "options");
  return customUefiFrom(parseJson(source), options);
}

/** The same, from JSON that is parsed. */
export function customUefiFrom(root: Place, options: CustomUefiOptions = {}): CustomUefi {
  asOneOf(member(root, "type"), [CUSTOM_UEFI_TYPE]);
  const settings = member(member(root, "properties"), "uefiSettings");
  const signatures = member(settings, "signatures");
  const signatureMode = asOneOf(member(settings, "signatureMode"), signatureModes);
  if (signatureMode === "Replace" && isNull(signatures, "dbx")) {
    throw jsonError(`${signatures.path}.dbx`, "is null, and Replace takes a list or no such member");
  }
  const custom: CustomUefi = {
    signatureMode,
    signatures: readSignatures(signatures),
    variables: members(settings)
      .filter(({ name }) => !settingNames.includes(name))
      .map((place) => readVariable(place.name, place)),
  };
  checkRules(custom, signatures.path, options);
  return custom;
}

function readSignatures(place: Place): CustomSignatures {
  const list = (name: CustomSignatureListName) => {
    const found = optionalMember(place, name);
    return found === undefined ? null : elements(found).map(readSignature);
  };
  const platformKey = optionalMember(place, "PK");
  return {
    PK: platformKey === undefined ? null : readSignature(platformKey),
    KEK: list("KEK"),
    db: list("db"),
    dbx: list("dbx"),
    MokList: list("MokList"),
    MokListX: list("MokListX"),
  };
}

/** One signature of a document, or `Default`. */
export function readSignature(place: Place): CustomSignature {
  const type = asOneOf(member(place, "type"), ["x509", "sha256", "Default"] as const);
  if (type === "Default") return { type };
  const value = elements(member(place, "value")).map((element) => {
    const bytes = asBase64(element);
    if (type === "sha256" && bytes.length !== SHA256_BYTES) {
      throw jsonError(element.path, `has ${bytes.length} bytes, a SHA-256 has ${SHA256_BYTES}`);
    }
    return bytes;
  });
  return { type, value };
}

function readVariable(name: string, place: Place): CustomVariable {
  const vendor = asBase64(member(place, "guid"));
  if (vendor.length !== guid.size)
    throw jsonError(`${place.path}.guid`, `is not ${guid.size} bytes in base64`);
  const attributes = asBase64(member(place, "attributes"));
  if (attributes.length < 1 || attributes.length > 4) {
    throw jsonError(`${place.path}.attributes`, "is not 1 to 4 bytes in base64");
  }
  const word = new Uint8Array(4);
  word.set(attributes);
  return {
    name,
    guid: decode(guid, vendor),
    attributes: decode(u32, word),
    value: asBase64(member(place, "value")),
  };
}

function checkRules(
  { signatureMode, signatures }: CustomUefi,
  path: string,
  options: CustomUefiOptions,
): void {
  if (signatureMode === "Replace") {
    for (const name of ["PK", "KEK", "db"] as const) {
      if (signatures[name] === null) throw jsonError(`${path}.${name}`, "is missing, and Replace needs it");
    }
  } else if (options.template) {
    throw jsonError("properties.uefiSettings.signatureMode", "is Append, which a template can't have");
  }
  const noDefault = options.template ? "a template" : signatureMode === "Append" ? "Append" : null;
  const isDefault = (signature: CustomSignature | null) => signature?.type === "Default";
  if (isDefault(signatures.PK) && noDefault !== null) {
    throw jsonError(`${path}.PK`, `is Default, which ${noDefault} can't have`);
  }
  for (const name of customSignatureLists) {
    const list = signatures[name];
    if (list === null || !list.some(isDefault)) continue;
    if (noDefault !== null) throw jsonError(`${path}.${name}`, `has Default, which ${noDefault} can't have`);
    if (list.length > 1) throw jsonError(`${path}.${name}`, "has Default beside others; it must stand alone");
  }
}

/**
 * Writes the document: compact JSON in UTF-8.
 *
 * @throws VmgsError VMGS_UEFI_JSON when the rules are broken, or a variable has a name that means something else.
 */
export function encodeCustomUefi(
  custom: CustomUefi,
  options: CustomUefiOptions = {},
): Uint8Array<ArrayBuffer> {
  checkCustomUefi(custom, "custom");
  checkCustomUefiOptions(options, "options");
  checkRules(custom, "signatures", options);
  const signatures = Object.entries(custom.signatures)
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, Json] => [
      name,
      Array.isArray(value) ? value.map(signatureToJson) : signatureToJson(value as CustomSignature),
    ]);
  const variables = custom.variables.map((variable): [string, Json] => [
    variable.name,
    variableToJson(variable),
  ]);
  const names = new Set(settingNames);
  for (const [name] of variables) {
    if (names.has(name)) throw jsonError(`uefiSettings[${JSON.stringify(name)}]`, "comes twice");
    names.add(name);
  }
  const json: Json = {
    type: CUSTOM_UEFI_TYPE,
    properties: {
      uefiSettings: {
        signatureMode: custom.signatureMode,
        signatures: Object.fromEntries(signatures),
        ...Object.fromEntries(variables),
      },
    },
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

function signatureToJson(signature: CustomSignature): Json {
  if (signature.type === "Default") return { type: signature.type };
  return { type: signature.type, value: signature.value.map(toBase64) };
}

function variableToJson(variable: CustomVariable): Json {
  const vendor = asGuid({ value: variable.guid, path: "guid" });
  const attributes = asNumber({ value: variable.attributes, path: "attributes" }, 0xffff_ffff);
  return {
    guid: toBase64(encode(guid, vendor)),
    attributes: toBase64(encode(u32, attributes)),
    value: toBase64(variable.value),
  };
}
