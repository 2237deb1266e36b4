/** What a guest file says, in one line without a full stop. Text from the store is untrusted, and clipped. */

import { having } from "../../arguments/index.ts";
import { FileId } from "../../format/index.ts";
import {
  type AttestFacts,
  CLEARING_WORDS,
  describePendingOperation,
  describeProblem,
  type GuestFileReading,
  type GuestSecretKeyFacts,
  type GuestWatchdogFacts,
  type HibernationTokenFacts,
  type HwKeyProtectorFacts,
  type KeyProtectorFacts,
  type PlatformSeedFacts,
  type ProvenanceDocFacts,
  type RtcSkewFacts,
  type TpmPpiFacts,
  type VmUniqueIdFacts,
} from "../../guest/index.ts";
import { clip } from "./sizes.ts";

const checkReading = having("fileId", "facts", "problems");

/** The line of a file that was read; its first problem when it can't be read. */
export function guestFileWords(reading: GuestFileReading): string {
  checkReading(reading, "reading");
  const { fileId, facts, problems } = reading;
  const [problem] = problems;
  if (facts === null) return problem === undefined ? "" : clip(describeProblem(fileId, problem));
  switch (fileId) {
    case FileId.TPM_PPI:
      return ppiWords(facts as TpmPpiFacts);
    case FileId.RTC_SKEW:
      return skewWords(facts as RtcSkewFacts);
    case FileId.ATTEST:
      return (facts as AttestFacts).empty
        ? "no data for the attestation agent"
        : "data for the attestation agent";
    case FileId.KEY_PROTECTOR:
      return protectorWords(facts as KeyProtectorFacts);
    case FileId.VM_UNIQUE_ID: {
      const { guid, ported } = facts as VmUniqueIdFacts;
      return ported ? `VM ID ${guid}; no longer in use` : `the key is derived for the VM ID ${guid}`;
    }
    case FileId.GUEST_WATCHDOG:
      return (facts as GuestWatchdogFacts).lastBootFailed
        ? "the watchdog ended the last boot"
        : "the watchdog did not end the last boot";
    case FileId.HW_KEY_PROTECTOR:
      return hardwareWords(facts as HwKeyProtectorFacts);
    case FileId.GUEST_SECRET_KEY: {
      const { algorithm, keyBits } = facts as GuestSecretKeyFacts;
      return `${algorithm} key${keyBits === null ? "" : ` of ${keyBits} bits`}, imported into the vTPM`;
    }
    case FileId.HIBERNATION_TOKEN:
      return hibernationWords(facts as HibernationTokenFacts);
    case FileId.PLATFORM_SEED:
      return `VMGSID ${(facts as PlatformSeedFacts).vmgsid}`;
    case FileId.PROVENANCE_DOC: {
      const { vmgsid, signer } = facts as ProvenanceDocFacts;
      return `signed for the VMGSID ${vmgsid} by ${clip(signer)}`;
    }
    default:
      return "";
  }
}

function ppiWords(facts: TpmPpiFacts): string {
  const pending = describePendingOperation(facts);
  if (pending === null) return "no operation is pending";
  return facts.clearsTpm ? `${pending}; ${CLEARING_WORDS}` : pending;
}

function skewWords({ skewMs, usedSkewMs }: RtcSkewFacts): string {
  if (skewMs === 0) return "guest clock as the host's";
  const limited = usedSkewMs === skewMs ? "" : `; a boot uses ${durationWords(-usedSkewMs)}`;
  return `guest clock ${durationWords(Math.abs(skewMs))} ${skewMs > 0 ? "ahead of" : "behind"} the host${limited}`;
}

/** The two largest units: `1 h`, `2 d 3 h`, `1 s 250 ms`. */
function durationWords(milliseconds: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const;
  let rest = milliseconds;
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

const SCHEMES = {
  tenantKey: "the tenant key",
  gspKey: "a guest state protection seed (GspKey)",
  tenantKeyAndGsp: "the tenant key and a guest state protection seed (GspKey)",
} as const;

function protectorWords({ scheme, ingress, interrupted }: KeyProtectorFacts): string {
  if (scheme === null) return `entry ${ingress} is active and empty`;
  const open = interrupted ? "; the last key change did not finish" : "";
  return `entry ${ingress} is active, protected by ${SCHEMES[scheme]}${open}`;
}

function hardwareWords({ version, tee, mixMeasurement, usable }: HwKeyProtectorFacts): string {
  const by = tee === null ? "unknown hardware" : { snp: "SEV-SNP", tdx: "TDX" }[tee];
  const update = mixMeasurement ? "; a servicing update loses it" : "";
  return `key sealed by ${by}, version ${version}${usable ? update : "; current builds can't use it"}`;
}

function hibernationWords({ hibernated, version, value }: HibernationTokenFacts): string {
  if (!hibernated) return "not hibernated";
  if (version === null) return `hibernated; token ${value}`;
  return version === "unknown" ? "hibernated under an unknown version" : `hibernated under ${version}`;
}
