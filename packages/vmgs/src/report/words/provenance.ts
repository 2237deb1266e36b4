/** Provenance in words. */

import type { Provenance, ProvenanceVerdict } from "../../guest/index.ts";

/** The verdict in a line without a full stop. */
export const verdictWords: Readonly<Record<ProvenanceVerdict, string>> = {
  absent: "there is no provenance document: nothing proves who made the store",
  invalid: "the document is not valid: a boot takes it as absent",
  rootNotTrusted: "the chain does not end in one of the trusted roots",
  seedAbsent: "the document is valid, but PLATFORM_SEED (15) is missing: the boot fails",
  seedLocked:
    "the document is valid; whether it is for this store shows PLATFORM_SEED (15), which needs the key",
  seedUnreadable: "the document is valid, but PLATFORM_SEED (15) can't be read: the boot fails",
  mismatch: "the document was signed for another store: the boot fails",
  matches: "the document is valid and was signed for this store",
};

/** Whether the root was checked. */
export function rootWords({ rootTrusted }: Pick<Provenance, "rootTrusted">): string {
  if (rootTrusted === null) return "not checked, as at a boot";
  return rootTrusted ? "trusted" : "not trusted";
}

/** Where the marker, which is not signed, and the document disagree. */
export function markerNotes(provisioner: string | null, verdict: ProvenanceVerdict): string[] {
  if (provisioner === "cpsvmgstoolcvm" && (verdict === "absent" || verdict === "invalid")) {
    return ["the marker names a provisioning service, and no valid document proves it"];
  }
  if (provisioner === "openhcl" && verdict !== "absent") {
    return ["the marker names a boot of OpenHCL, and the document a provisioning service"];
  }
  return [];
}
