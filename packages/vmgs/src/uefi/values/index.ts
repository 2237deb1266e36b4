/** What the data of a variable means. */
export {
  checkValue,
  type GivenForm,
  type GivenValue,
  type GivenValueOptions,
  readGivenValue,
} from "./given-value.ts";
export { holdsOptionNumber, type ValueShape, valueShape } from "./known-variables.ts";
export { VendorGuid, type VendorName, vendorName } from "./known-vendors.ts";
export {
  changeLoadOption,
  decodeLoadOption,
  encodeLoadOption,
  isActive,
  isHidden,
  LOAD_OPTION_CATEGORY,
  type LoadOption,
  type LoadOptionCategory,
  type LoadOptionChange,
  loadOptionAttributes,
  loadOptionCategory,
  loadOptionStruct,
  type NewLoadOption,
  type OptionalText,
  optionalText,
  optionalTextData,
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
