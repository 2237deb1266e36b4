/** What is done to a virtual TPM, above single commands: keys, indices, the first boot. Works with any engine. */
export {
  examineCertificateIndex,
  type PrepareIndexOptions,
  prepareCertificateIndex,
} from "./certificate-index.ts";
export {
  type CertificateIndexDecision,
  type CertificateIndexFacts,
  type CertificateIndexRequest,
  type CertificateIndexRow,
  type CertificateIndexStep,
  decideCertificateIndex,
} from "./certificate-index-decision.ts";
export { findTpmNvIndex, findTpmObject, listTpmHandles, listTpmPcrBanks, readTpmProperty } from "./find.ts";
export { type FirstBootOptions, type FirstBootOutcome, runFirstBoot } from "./first-boot.ts";
export type {
  FirstBootRequest,
  PhysicalPresenceOperation,
  TpmStateBlob,
} from "./first-boot-request.ts";
export { importGuestSecretKey } from "./guest-secret.ts";
export { type CreateAkOptions, createTpmAk, createTpmEk, type TpmAk, type TpmKey } from "./keys.ts";
export {
  allocateTpmPcrBanks,
  clearTpmPlatformContext,
  type InitializedTpm,
  initializeTpm,
  type PcrBanks,
  refreshTpmSeeds,
  restartTpm,
} from "./lifecycle.ts";
export {
  createTpmAuthValue,
  defineTpmNvIndex,
  type NewTpmNvIndex,
  readTpmNvIndex,
  type TpmNvContent,
  undefineTpmNvIndex,
  writeTpmNvIndex,
  writeTpmNvIndexAsOwner,
} from "./nv-data.ts";
export { ask, type PerformOptions, perform } from "./perform.ts";
export { type FirstBootPlan, planFirstBoot } from "./plan-first-boot.ts";
