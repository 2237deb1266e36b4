/**
 * What differs between two stores, two generations of one, two variable lists or two TPM states. Reports that secrets
 * differ, never what they are.
 *
 * @packageDocumentation
 */
export { compareGuestStates } from "./guest-states.ts";
export {
  type ComparedFile,
  compareStores,
  type FileChange,
  type MarkerChange,
  type NotCompared,
  type PropertyChange,
  type StoreComparison,
} from "./stores.ts";
export {
  compareTables,
  type FilePlace,
  filePlace,
  isSameContent,
  sameBytes,
  type TableChange,
  type TableChangeKind,
} from "./tables.ts";
export { compareTpmStates, type TpmChange } from "./tpm.ts";
export { compareVariables, type VariableChange } from "./variables.ts";
