/** Variables as JSON: our own form, the legacy export, and CUSTOM_UEFI. */
export {
  type CustomSignature,
  type CustomSignatureListName,
  type CustomSignatures,
  type CustomUefi,
  type CustomUefiOptions,
  type CustomVariable,
  customSignatureLists,
  encodeCustomUefi,
  readCustomUefi,
  type SignatureMode,
  signatureModes,
} from "./custom-uefi.ts";
export {
  applyCustomUefi,
  type CustomDatabase,
  type CustomUefiResult,
  customUefiOf,
  customUefiVariables,
} from "./custom-uefi-variables.ts";
export type { GalleryDocument } from "./gallery-document.ts";
export { type LegacyExport, NVRAM_DEVICE, readLegacyExport, readLegacyVariable } from "./legacy-export.ts";
export {
  VARIABLE_LIST_SCHEMA,
  variableListFromJson,
  variableListToJson,
  variableToJson,
} from "./list-json.ts";
export { qemuVariablesToJson, readQemuVariables } from "./qemu-variables.ts";
export { readVariableDocument, type VariableDocument } from "./variable-document.ts";
