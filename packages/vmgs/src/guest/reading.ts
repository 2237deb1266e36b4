/** What reading a guest file gives: facts, problems, and what a boot does with it (spec: guest-files). Never an exception. */

import { checkObject, checkWhole } from "../arguments/index.ts";
import { describeFileId } from "../format/index.ts";

/** Why a guest file is not as expected. Stable. */
export type GuestFileProblemCode =
  /** Fewer bytes than the structure has. */
  | "too-short"
  /** More bytes than the structure has. */
  | "too-long"
  /** A field has a value that the format does not know. */
  | "value"
  /** Bytes stop being the structure. */
  | "structure"
  /** A length inside is above its buffer. */
  | "inner-length"
  /** Version 1 of a hardware key protector: current builds can't use it. */
  | "outdated-version"
  /** The version and the size of the file contradict each other. */
  | "version-size"
  /** Neither SNP nor TDX. */
  | "tee-type"
  /** Not UTF-8. */
  | "not-text"
  /** Fewer than three fields of a platform seed. */
  | "fields-missing"
  /** A field of a platform seed is not hex. */
  | "not-hex"
  /** A platform seed of no bytes. */
  | "seed-empty"
  /** Not the three parts of a compact JWT. */
  | "jwt-parts"
  /** The header of the JWT can't be read. */
  | "jwt-header"
  /** Signed with something other than RS256. */
  | "jwt-algorithm"
  /** The body of the JWT can't be read, or names no VMGSID. */
  | "jwt-body"
  /** The VMGSID is not a GUID. */
  | "vmgsid"
  /** No certificates. */
  | "chain-empty"
  /** More certificates than any chain has. */
  | "chain-too-long"
  /** A certificate can't be read. */
  | "certificate"
  /** A certificate was not issued by the next one. */
  | "chain-issuer"
  /** The leaf has no common name, which the signer is named by. */
  | "no-common-name"
  /** The signature is not that of the leaf's key. */
  | "signature";

/** Something that is not as expected. Text may quote the file, which is untrusted; never a secret. */
export interface GuestFileProblem {
  readonly code: GuestFileProblemCode;
  /** A sentence without a full stop, about the file: `has 27 bytes, not 28`. */
  readonly message: string;
}

/** What a VM must have for an effect to be met. Where it has not, the effect is a warning at most. */
export type VmCondition =
  /** The guest watchdog is configured. */
  | "guestWatchdog"
  /** The VM is attested: without that the boot does not read files 6 and 7. */
  | "attestation"
  /** Hardware sealing is the only source of a key. */
  | "hardwareSealingOnly";

/** What a boot does with a guest file. */
export interface BootEffect {
  /**
   * `used`: as it stands. `ignored`: taken as absent, with a warning in the guest's log. `limited`: used with another
   * value. `fails`: the boot ends. `notRead`: no boot looks at it.
   */
  readonly outcome: "used" | "ignored" | "limited" | "fails" | "notRead";
  /** The problem that causes it; null when nothing is wrong. */
  readonly reason: GuestFileProblemCode | null;
  /** What the effect needs; null: it is met by every VM. */
  readonly when: VmCondition | null;
}

/** A guest file, read. */
export interface GuestFileReading<Facts = object> {
  readonly fileId: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Whether it is what the format says. */
  readonly valid: boolean;
  /** What it says; null when it can't be read. Plain JSON; never a secret. Text is untrusted. */
  readonly facts: Facts | null;
  readonly problems: readonly GuestFileProblem[];
  readonly boot: BootEffect;
}

/** A boot that uses the file. */
export const USED: BootEffect = { outcome: "used", reason: null, when: null };

/** A file that is as expected. */
export function sound<Facts>(
  fileId: number,
  { length: bytes }: Uint8Array,
  facts: Facts,
  boot = USED,
): GuestFileReading<Facts> {
  return { fileId, bytes, valid: true, facts, problems: [], boot };
}

/** A file that is not, and can't be read. */
export function unreadable<Facts>(
  fileId: number,
  { length: bytes }: Uint8Array,
  problem: GuestFileProblem,
  { outcome, when = null }: { outcome: BootEffect["outcome"]; when?: VmCondition | null },
): GuestFileReading<Facts> {
  const boot = { outcome, when, reason: problem.code };
  return { fileId, bytes, valid: false, facts: null, problems: [problem], boot };
}

/** Why a file has not the bytes it should have, or null. */
export function lengthProblem(bytes: Uint8Array, least: number, most = least): GuestFileProblem | null {
  const { length } = bytes;
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  const message = `has ${length} ${length === 1 ? "byte" : "bytes"}, not ${expected}`;
  if (length < least) return { code: "too-short", message };
  return length > most ? { code: "too-long", message } : null;
}

/** A problem in a sentence: `TPM_PPI (2) has 27 bytes, not 28`. */
export function describeProblem(fileId: number, problem: GuestFileProblem): string {
  checkWhole(fileId, "fileId");
  checkObject(problem, "problem", "message");
  const { message } = problem;
  return `${describeFileId(fileId)} ${message}`;
}
