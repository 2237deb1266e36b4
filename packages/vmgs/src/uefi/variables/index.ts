/** The packed variable list of BIOS_NVRAM (file 1): reading, changing and writing it. */
export { secureBootAttributes, usualAttributes, variableAttributes } from "./attributes.ts";
export {
  type Appendix,
  appendVariable,
  checkListSpace,
  getVariable,
  type NewVariable,
  nextVariable,
  removeVariable,
  removeVariables,
  setVariable,
  setVariables,
} from "./change.ts";
export {
  EFI_UNSPECIFIED_TIMEZONE,
  type EfiTime,
  efiDaylight,
  efiTime,
  efiTimeFromDate,
  formatEfiTime,
  isZeroEfiTime,
  zeroEfiTime,
} from "./efi-time.ts";
export { LOW_LIST_BYTES, MAX_DATA_BYTES, MAX_LIST_BYTES, MAX_NAME_BYTES } from "./limits.ts";
export {
  dropUnreadable,
  emptyVariableList,
  encodeVariableList,
  type ListPart,
  listOf,
  type UnreadablePart,
  type VariableList,
  type VariablePart,
} from "./list.ts";
export { type ListProblem, type ListProblemId, listProblemCodes, problemError } from "./problem.ts";
export { type ReadListOptions, readVariableList } from "./read-list.ts";
export {
  mayBeVariableList,
  recogniseVariableList,
  recogniseVariablePiece,
  type VariableListEvidence,
} from "./recognise-list.ts";
export {
  entryPicture,
  entrySize,
  keyText,
  nameField,
  nameSize,
  type Variable,
  type VariableKey,
  variableEntry,
  variableHeader,
  variableTime,
} from "./variable.ts";
