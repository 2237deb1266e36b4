/** Who made a store, proven: the signed document against the seed of the store (spec: guest-files, 4). */

import { type Check, checkBytes, eachOf, optional, withMembers } from "../arguments/index.ts";
import { sha256Of } from "../certificate/index.ts";
import { toHex } from "../layout/index.ts";
import { readPlatformSeed } from "./platform-seed.ts";
import { type ProvenanceDocFacts, readProvenanceDoc } from "./provenance-doc.ts";
import type { GuestFileReading } from "./reading.ts";

/** What provenance is judged by. */
export interface ProvenanceFiles {
  /** Content of PROVENANCE_DOC (16); null when there is none. */
  readonly document: Uint8Array | null;
  /** Content of PLATFORM_SEED (15); null when there is none, `locked` when it can't be read without a key. */
  readonly seed: Uint8Array | "locked" | null;
  /** Root certificates that are trusted, in DER; without them the root is not checked, as at a boot. */
  readonly roots?: readonly Uint8Array[];
}

/** What came of it. */
export type ProvenanceVerdict =
  /** There is no document. */
  | "absent"
  /** The document is not valid: a boot takes it as absent. */
  | "invalid"
  /** The chain does not end in a trusted root. */
  | "rootNotTrusted"
  /** The boot fails: there is no PLATFORM_SEED. */
  | "seedAbsent"
  /** PLATFORM_SEED is encrypted, and the store is locked. */
  | "seedLocked"
  /** The boot fails: PLATFORM_SEED can't be read. */
  | "seedUnreadable"
  /** The boot fails: the document was signed for another store. */
  | "mismatch"
  /** The document was signed for this store. */
  | "matches";

/** Who made a store, as far as it is proven. */
export interface Provenance {
  readonly verdict: ProvenanceVerdict;
  /** Null when there is no document. */
  readonly document: GuestFileReading<ProvenanceDocFacts> | null;
  /** The VMGSID that the seed gives; null when there is none, or it can't be read. */
  readonly derivedVmgsid: string | null;
  /** Whether the root is one of those that were given; null when none were given, or the document is not valid. */
  readonly rootTrusted: boolean | null;
}

const bytesOr =
  (other: readonly unknown[]): Check =>
  (value, name) => {
    if (!other.includes(value)) checkBytes(value, name);
  };

const checkFiles = withMembers({
  document: bytesOr([null]),
  seed: bytesOr([null, "locked"]),
  roots: optional(eachOf(checkBytes)),
});

/** Judges the provenance of a store. Never throws for bad bytes. */
export async function examineProvenance(files: ProvenanceFiles): Promise<Provenance> {
  checkFiles(files, "files");
  const { document: bytes, seed: seedBytes, roots } = files;
  const seed = seedBytes === null || seedBytes === "locked" ? null : await readPlatformSeed(seedBytes);
  const derivedVmgsid = seed?.facts?.vmgsid ?? null;
  const document = bytes === null ? null : await readProvenanceDoc(bytes);
  const facts = document?.facts ?? null;
  const rootTrusted = facts === null || roots === undefined ? null : await isTrusted(facts, roots);
  const verdict = (): ProvenanceVerdict => {
    if (document === null) return "absent";
    if (facts === null) return "invalid";
    if (rootTrusted === false) return "rootNotTrusted";
    if (seedBytes === null) return "seedAbsent";
    if (seedBytes === "locked") return "seedLocked";
    if (derivedVmgsid === null) return "seedUnreadable";
    return derivedVmgsid === facts.vmgsid ? "matches" : "mismatch";
  };
  return { verdict: verdict(), document, derivedVmgsid, rootTrusted };
}

async function isTrusted({ chain }: ProvenanceDocFacts, roots: readonly Uint8Array[]): Promise<boolean> {
  const trusted = await Promise.all(roots.map(async (der) => toHex(await sha256Of(der))));
  return trusted.includes(chain.at(-1)?.sha256 ?? "");
}
