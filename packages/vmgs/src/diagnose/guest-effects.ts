/** What the guest's small files do to the next boot that opens the store (spec: guest-files). Pure; findings and forecast agree. */

import { describeFileId, FileId } from "../format/index.ts";
import {
  CLEARING_WORDS,
  describePendingOperation,
  describeProblem,
  type GuestFileProblemCode,
  type GuestFileReading,
  type KeyProtectorFacts,
  type PlatformSeedFacts,
  type ProvenanceDocFacts,
  type RtcSkewFacts,
  type TpmPpiFacts,
  type VmCondition,
  type VmUniqueIdFacts,
} from "../guest/index.ts";
import { isEncrypted, type StoreState } from "../store/index.ts";
import { ASSUMED_VM, type AssumedVm } from "./assumed-vm.ts";
import type { SmallFiles } from "./evidence/index.ts";

/** What a small file does. */
export type GuestEffectKind =
  /** The boot ends. */
  | "fails"
  /** The vTPM is cleared: what is sealed to it is lost. */
  | "clearsTpm"
  /** A pending physical presence operation is carried out that does not clear the vTPM. */
  | "physicalPresence"
  /** The vTPM's seeds are refreshed: EK and AK change, what is sealed to it is lost. */
  | "refreshesSeeds"
  /** The clock is limited to two days behind. */
  | "limitsClock"
  /** The file is taken as absent. */
  | "ignored";

/** Why, where it is not a problem of the file itself. */
export type GuestEffectReason =
  | GuestFileProblemCode
  | "pendingOperation"
  | "seed-missing"
  | "seed-unreadable"
  | "vmgsid-mismatch"
  | "vm-id-changed"
  | "clock-behind";

/** One thing that the next boot does because of a small file. */
export interface GuestEffect {
  readonly kind: GuestEffectKind;
  readonly fileId: number;
  readonly reason: GuestEffectReason;
  /** What the VM must have for it; the assumed VM has not. Null: it is met. */
  readonly unless: VmCondition | null;
  /** A sentence without a full stop. Text from the store is untrusted. */
  readonly words: string;
}

export interface GuestFilesSeen {
  readonly state: StoreState;
  readonly small: SmallFiles;
}

/** Everything that the small files do, in the order of their IDs. */
export function guestEffects({ state, small }: GuestFilesSeen, vm: AssumedVm = ASSUMED_VM): GuestEffect[] {
  const needs: Readonly<Record<VmCondition, boolean>> = {
    attestation: vm.attestation,
    guestWatchdog: vm.guestWatchdog,
    hardwareSealingOnly: vm.hardwareSealing && isEncrypted(state) && !hasHostSource(small, vm),
  };
  const ofFiles = [...small.values()].flatMap((reading) => ofProblems(reading, needs));
  return [
    ...ofFiles,
    ...ofPhysicalPresence(state, small),
    ...ofClock(small),
    ...ofVmId(state, small, vm),
    ...ofProvenance(state, small),
  ].sort((a, b) => a.fileId - b.fileId);
}

/** What a file that is not as expected does. */
function ofProblems(
  { fileId, problems, boot }: GuestFileReading,
  needs: Readonly<Record<VmCondition, boolean>>,
): GuestEffect[] {
  const [problem] = problems;
  if (problem === undefined || boot.reason === null) return [];
  if (boot.outcome !== "fails" && boot.outcome !== "ignored") return [];
  // A seed counts only beside a document: ofProvenance.
  if (fileId === FileId.PLATFORM_SEED) return [];
  // With attestation off the file is not read.
  if (boot.when === "attestation" && !needs.attestation) return [];
  const met = boot.when === null || needs[boot.when];
  const fact = describeProblem(fileId, problem);
  const words = boot.outcome === "fails" ? fact : `${fact}: it is taken as absent`;
  return [{ kind: boot.outcome, fileId, reason: problem.code, unless: met ? null : boot.when, words }];
}

/** Facts of a file, by its ID; the table of the guest room says which they are. */
const factsOf = <Facts>(small: SmallFiles, fileId: number): Facts | null =>
  (small.get(fileId)?.facts ?? null) as Facts | null;

/** Whether file 6 or 7 is a source of the key, beside the processor. */
function hasHostSource(small: SmallFiles, { attestation }: AssumedVm): boolean {
  const scheme = factsOf<KeyProtectorFacts>(small, FileId.KEY_PROTECTOR)?.scheme ?? null;
  const id = factsOf<VmUniqueIdFacts>(small, FileId.VM_UNIQUE_ID);
  return attestation && (scheme !== null || id?.ported === false);
}

/** Whether the store has a vTPM whose keys can be lost. */
export function hasTpmState({ files }: StoreState): boolean {
  return (files.get(FileId.TPM_NVRAM)?.byteLength ?? 0) > 0;
}

function ofPhysicalPresence(state: StoreState, small: SmallFiles): GuestEffect[] {
  const facts = factsOf<TpmPpiFacts>(small, FileId.TPM_PPI);
  const pending = facts && describePendingOperation(facts);
  if (pending === null) return [];
  const asked = `${describeFileId(FileId.TPM_PPI)}: ${pending}`;
  const base = { fileId: FileId.TPM_PPI, reason: "pendingOperation", unless: null } as const;
  if (!facts?.clearsTpm || !hasTpmState(state)) return [{ ...base, kind: "physicalPresence", words: asked }];
  return [{ ...base, kind: "clearsTpm", words: `${asked}; ${CLEARING_WORDS}` }];
}

function ofClock(small: SmallFiles): GuestEffect[] {
  const facts = factsOf<RtcSkewFacts>(small, FileId.RTC_SKEW);
  if (facts === null || facts.usedSkewMs === facts.skewMs) return [];
  const words = `RTC_SKEW (4) has the guest's clock ${-facts.skewMs} ms behind the host's; the boot limits that to ${-facts.usedSkewMs} ms`;
  return [{ kind: "limitsClock", fileId: FileId.RTC_SKEW, reason: "clock-behind", unless: null, words }];
}

function ofVmId(state: StoreState, small: SmallFiles, { vmId, attestation }: AssumedVm): GuestEffect[] {
  const facts = factsOf<VmUniqueIdFacts>(small, FileId.VM_UNIQUE_ID);
  if (
    facts === null ||
    vmId === null ||
    !attestation ||
    !hasTpmState(state) ||
    vmId.toLowerCase() === facts.guid
  )
    return [];
  const words = `VM_UNIQUE_ID (7) is ${facts.guid}, the VM has ${vmId.toLowerCase()}: the VM was copied or restored, so the vTPM's seeds are refreshed; EK and AK change, and keys that are sealed to it are lost`;
  return [
    { kind: "refreshesSeeds", fileId: FileId.VM_UNIQUE_ID, reason: "vm-id-changed", unless: null, words },
  ];
}

/** A valid document needs the seed that gives its VMGSID. */
function ofProvenance({ files }: StoreState, small: SmallFiles): GuestEffect[] {
  const signed = factsOf<ProvenanceDocFacts>(small, FileId.PROVENANCE_DOC);
  if (signed === null) return [];
  const fails = (reason: GuestEffectReason, words: string): GuestEffect[] => [
    { kind: "fails", fileId: FileId.PLATFORM_SEED, reason, unless: null, words },
  ];
  const needed = "PROVENANCE_DOC (16) is valid, so the boot needs PLATFORM_SEED (15)";
  if (!files.has(FileId.PLATFORM_SEED)) return fails("seed-missing", `${needed}, which is missing`);
  const seed = small.get(FileId.PLATFORM_SEED);
  // Encrypted, and no key was given.
  if (seed === undefined) return [];
  const [problem] = seed.problems;
  if (problem !== undefined) return fails("seed-unreadable", `${needed}, which ${problem.message}`);
  const derived = (seed.facts as PlatformSeedFacts).vmgsid;
  if (derived === signed.vmgsid) return [];
  return fails(
    "vmgsid-mismatch",
    `PLATFORM_SEED (15) gives the VMGSID ${derived}, and PROVENANCE_DOC (16) is signed for ${signed.vmgsid}`,
  );
}
