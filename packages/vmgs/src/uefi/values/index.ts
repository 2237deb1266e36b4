/** What the data of a variable means. */
export { type ValueShape, valueShape } from "./known-variables.ts";
export { VendorGuid, type VendorName, vendorName } from "./known-vendors.ts";
export {
  decodeLoadOption,
  encodeLoadOption,
  isActive,
  isHidden,
  LOAD_OPTION_CATEGORY,
  type LoadOption,
  loadOptionAttributes,
  loadOptionStruct,
  type NewLoadOption,
} from "./load-option.ts";
export {
  type LoadOptionGroup,
  loadOptionGroups,
  type NumberedName,
  numberedName,
  optionNumber,
  parseNumberedName,
} from "./numbered-name.ts";
export {
  decodeOptionNumbers,
  type OsIndication,
  optionNumbers,
  osIndicationBits,
  type VariableValue,
  variableValue,
} from "./value.ts";
