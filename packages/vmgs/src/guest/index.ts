/**
 * The small files of a guest: clock, watchdog, hibernation, physical presence, key protectors, provenance; and the
 * datastore keys that follow from them. Knows bytes, not stores. Nothing here throws for bad bytes: they have problems.
 *
 * @packageDocumentation
 */
export type { AttestFacts } from "./attest.ts";
export { changedGuestFile, changeGuestFile, type FirmwareVersion, type GuestFileChange } from "./changes.ts";
export {
  deriveCandidates,
  type KeyCandidate,
  type KeyCandidates,
  type KeyEntry,
  type KeyScheme,
  type KeySources,
  type NoCandidate,
  type NoCandidateReason,
} from "./datastore-keys.ts";
export { guestFileIds } from "./guest-file-ids.ts";
export { pictureGuestFile, readGuestFile } from "./guest-files.ts";
export type { GuestSecretKeyFacts } from "./guest-secret-key.ts";
export { type GuestWatchdogFacts, guestWatchdog, readGuestWatchdog } from "./guest-watchdog.ts";
export { type HibernationTokenFacts, hibernationToken, readHibernationToken } from "./hibernation-token.ts";
export {
  type HwKeyProtectorFacts,
  hwKeyProtector,
  hwKeyProtector3,
  readHwKeyProtector,
  type SnpTcb,
} from "./hw-key-protector.ts";
export { type KbkdfInput, kbkdf } from "./kbkdf.ts";
export {
  type DekKind,
  type KeyProtector,
  type KeyProtectorFacts,
  keyProtector,
  readKeyProtector,
} from "./key-protector.ts";
export { certificatesIn, makeKeyProtector } from "./make-key-protector.ts";
export { makeProvenanceDoc, type ProvenanceParts } from "./make-provenance-doc.ts";
export {
  deriveVmgsid,
  encodePlatformSeed,
  type PlatformSeed,
  type PlatformSeedFacts,
  parsePlatformSeed,
  readPlatformSeed,
} from "./platform-seed.ts";
export { type KeyProtection, keyProtections, nameProtection, type ProtectorFiles } from "./protection.ts";
export {
  examineProvenance,
  type Provenance,
  type ProvenanceFiles,
  type ProvenanceVerdict,
} from "./provenance.ts";
export { type ProvenanceCertificate, type ProvenanceDocFacts, readProvenanceDoc } from "./provenance-doc.ts";
export {
  type BootEffect,
  describeProblem,
  type GuestFileProblem,
  type GuestFileProblemCode,
  type GuestFileReading,
  type VmCondition,
} from "./reading.ts";
export { type RtcSkewFacts, readRtcSkew, rtcSkew } from "./rtc-skew.ts";
export { importSigningKey, importTenantKey, type TenantKeyOptions } from "./tenant-key.ts";
export {
  CLEARING_WORDS,
  clearsTpm,
  describePendingOperation,
  ppiHashes,
  ppiOperations,
  readTpmPpi,
  type TpmPpi,
  type TpmPpiFacts,
  tpmPpi,
} from "./tpm-ppi.ts";
export { readVmUniqueId, type VmUniqueIdFacts, vmUniqueId } from "./vm-unique-id.ts";
