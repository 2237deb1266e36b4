/** The guest's small files: what they do to the next boot, and who protects the key. Pure; no secret gets into a finding. */

import { FileId } from "../../format/index.ts";
import {
  describeProblem,
  type GuestFileReading,
  type GuestWatchdogFacts,
  type HibernationTokenFacts,
  type HwKeyProtectorFacts,
  type KeyProtectorFacts,
  type ProvenanceDocFacts,
  type VmUniqueIdFacts,
} from "../../guest/index.ts";
import { isEncrypted, type StoreState } from "../../store/index.ts";
import type { FindingId } from "../catalogue/index.ts";
import type { SmallFiles } from "../evidence/index.ts";
import { type Finding, finding } from "../finding.ts";
import { type GuestEffect, type GuestEffectKind, guestEffects } from "../guest-effects.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong with, or worth knowing of, the small files. */
export function guestFileFindings({ store, guest, marker, vm }: Evidence): Finding[] {
  const state = store?.state ?? null;
  if (state === null) return [];
  const { small } = guest;
  const effects = guestEffects({ state, small }, vm);
  return [
    ...effects.flatMap(ofEffect),
    ...odd(small, effects),
    ...watchdog(small),
    ...hibernation(small),
    ...keyProtection(state, small),
    ...provenance(state, small, marker?.marker.provisioner ?? null),
  ];
}

const OF_EFFECTS: Readonly<Record<GuestEffectKind, FindingId>> = {
  fails: "guest-file-stops-boot",
  clearsTpm: "guest-clears-tpm",
  physicalPresence: "guest-physical-presence",
  refreshesSeeds: "guest-clears-tpm",
  limitsClock: "guest-clock-behind",
  ignored: "guest-file-not-as-expected",
};

const OF_PROVENANCE: ReadonlySet<string> = new Set(["seed-missing", "seed-unreadable", "vmgsid-mismatch"]);

function ofEffect({ kind, fileId, reason, unless, words }: GuestEffect): Finding[] {
  if (OF_PROVENANCE.has(reason)) return [finding("provenance-mismatch", words, { fileId, reason })];
  const id = unless === null ? OF_EFFECTS[kind] : "guest-file-not-as-expected";
  return [finding(id, words, { fileId, reason, ...(unless !== null && { stopsBootWith: unless }) })];
}

/** Problems without an effect on the boot. */
function odd(small: SmallFiles, effects: readonly GuestEffect[]): Finding[] {
  return [...small.values()].flatMap(({ fileId, problems }) => {
    if (effects.some((effect) => effect.fileId === fileId)) return [];
    // A key protector's own finding says more.
    if (fileId === FileId.KEY_PROTECTOR) return [];
    return problems.map((problem) =>
      finding("guest-file-not-as-expected", describeProblem(fileId, problem), {
        fileId,
        reason: problem.code,
      }),
    );
  });
}

/** A reading whose facts can be had. */
function readingOf<Facts>(
  small: SmallFiles,
  fileId: number,
): (GuestFileReading<Facts> & { facts: Facts }) | null {
  const reading = small.get(fileId) as GuestFileReading<Facts> | undefined;
  return reading?.facts ? { ...reading, facts: reading.facts } : null;
}

function watchdog(small: SmallFiles): Finding[] {
  const reading = readingOf<GuestWatchdogFacts>(small, FileId.GUEST_WATCHDOG);
  if (!reading?.facts.lastBootFailed) return [];
  return [finding("guest-watchdog-fired", "GUEST_WATCHDOG (10) is 1", { fileId: reading.fileId })];
}

function hibernation(small: SmallFiles): Finding[] {
  const reading = readingOf<HibernationTokenFacts>(small, FileId.HIBERNATION_TOKEN);
  if (!reading?.facts.hibernated) return [];
  const { value, version } = reading.facts;
  const known = version !== null && version !== "unknown";
  const message = known
    ? `hibernated under firmware version ${version}`
    : `the hibernation token is ${value}: hibernated under a firmware version that is not known`;
  return [finding("guest-hibernated", message, { fileId: reading.fileId, value, ...(known && { version }) })];
}

function keyProtection(state: StoreState, small: SmallFiles): Finding[] {
  const protector = readingOf<KeyProtectorFacts>(small, FileId.KEY_PROTECTOR);
  const found = isEncrypted(state) && protector !== null ? ofKeyProtector(protector) : [];
  const id = readingOf<VmUniqueIdFacts>(small, FileId.VM_UNIQUE_ID);
  if (isEncrypted(state) && id?.facts.ported && !state.files.has(FileId.KEY_PROTECTOR)) {
    const message = "VM_UNIQUE_ID (7) says that another scheme took over, and KEY_PROTECTOR (6) is missing";
    found.push(finding("key-scheme-left", message, { fileId: id.fileId }));
  }
  const sealed = readingOf<HwKeyProtectorFacts>(small, FileId.HW_KEY_PROTECTOR);
  if (sealed?.facts.usable && sealed.facts.mixMeasurement) {
    const message = "HW_KEY_PROTECTOR (11) mixes the measurement of the build into the key";
    found.push(finding("key-hardware-bound", message, { fileId: sealed.fileId }));
  }
  return found;
}

function ofKeyProtector({
  fileId,
  facts,
  problems,
}: GuestFileReading<KeyProtectorFacts> & { facts: KeyProtectorFacts }) {
  const found = problems.map((problem) =>
    finding("key-protector-damaged", describeProblem(fileId, problem), { fileId, reason: problem.code }),
  );
  const { interrupted, scheme, ingress } = facts;
  if (interrupted) {
    found.push(
      finding("key-change-unfinished", "KEY_PROTECTOR (6) has keys in both entries", { fileId, ingress }),
    );
  } else if (scheme === null) {
    const message = `entry ${ingress} of KEY_PROTECTOR (6), which unlocks the store, is empty`;
    found.push(finding("key-protector-damaged", message, { fileId, ingress }));
  }
  return found;
}

function provenance(state: StoreState, small: SmallFiles, provisioner: string | null): Finding[] {
  const signed = readingOf<ProvenanceDocFacts>(small, FileId.PROVENANCE_DOC);
  const found: Finding[] = [];
  if (signed !== null) {
    const { signer, vmgsid } = signed.facts;
    found.push(
      finding("provenance-signed", `signed by ${signer}`, { fileId: signed.fileId, signer, vmgsid }),
    );
  }
  const hasDocument = state.files.has(FileId.PROVENANCE_DOC);
  if (provisioner === "openhcl" && hasDocument) {
    found.push(contradiction("the marker says openhcl, and there is a provenance document", provisioner));
  }
  if (provisioner === "cpsvmgstoolcvm" && !hasDocument) {
    found.push(
      contradiction("the marker says cpsvmgstoolcvm, and there is no provenance document", provisioner),
    );
  }
  return found;
}

const contradiction = (message: string, provisioner: string) =>
  finding("provenance-contradicts-marker", message, { provisioner });
