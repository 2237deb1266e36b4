/** The offline state of a virtual TPM of revision 1.38 (file 3 of a store): read, checked, repaired, made. Knows bytes only. */
export {
  type AkCertificate,
  findAkCertificate,
  readAkCertificate,
} from "./ak-certificate.ts";
export {
  describeStartFailure,
  foretellTpmStart,
  type TpmStart,
  type TpmStartAk,
  type TpmStartFailure,
  type TpmStartFailureKind,
} from "./engine-start.ts";
export type { Corruption } from "./entries.ts";
export { objectFlags } from "./entry-layout.ts";
export type { RandomBytes } from "./new-regions.ts";
export { pictureTpmState } from "./picture-state.ts";
export { type NewAkCertificate, type NewTpmState, prepareTpmState } from "./prepare.ts";
export { readTpmState } from "./read-state.ts";
export { recogniseTpmStatePiece } from "./recognise-piece.ts";
export { recogniseTpmState, type TpmStateEvidence } from "./recognise-state.ts";
export { type Cut, type RepairedTpmState, repairTpmState } from "./repair.ts";
export type {
  TpmHierarchy,
  TpmLockout,
  TpmNvIndex,
  TpmObject,
  TpmOrderlyIndex,
  TpmSavedState,
  TpmState,
  TpmStateProblem,
  TpmUnreadableEntry,
} from "./state.ts";
export { describeOrderlyState } from "./state-layout.ts";
export { MAX_STATE_BYTES, MIN_STATE_BYTES } from "./state-size.ts";
export {
  derLengthOf,
  type FoundCertificate,
  findCertificateIn,
  readStoredCertificates,
  type StoredCertificate,
} from "./stored-certificate.ts";
