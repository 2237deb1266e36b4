/** `vmgs.provenance/1`. */

import { checkText, having, orNull } from "../../arguments/index.ts";
import type {
  GuestFileProblem,
  Provenance,
  ProvenanceCertificate,
  ProvenanceVerdict,
} from "../../guest/index.ts";
import { type InspectedMarker, markerReport } from "../../inspect/index.ts";
import type { MarkerLocation } from "../../store/index.ts";
import { markerNotes, verdictWords } from "../words/provenance.ts";

/** Who made a store: what is signed, and what the marker says. Text is untrusted. */
export interface ProvenanceDocument {
  readonly schema: "vmgs.provenance/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly verdict: ProvenanceVerdict;
  /** The verdict in words. */
  readonly words: string;
  /** Whether the document is valid; null when there is none. */
  readonly valid: boolean | null;
  readonly problems: readonly GuestFileProblem[];
  /** did:x509 of the signer; null without a valid document. */
  readonly signer: string | null;
  /** VMGSID in the document; null without a valid document. */
  readonly vmgsid: string | null;
  /** VMGSID that PLATFORM_SEED gives; null when it can't be derived. */
  readonly derivedVmgsid: string | null;
  /** Leaf first; null without a valid document. A boot does not look at the dates. */
  readonly chain: readonly ProvenanceCertificate[] | null;
  /** Whether the root is one of the trusted ones; null when it was not checked. */
  readonly rootTrusted: boolean | null;
  /** The marker, which is not signed; null when there is none. */
  readonly marker: InspectedMarker | null;
  /** Where marker and document disagree. */
  readonly notes: readonly string[];
}

const checkProvenance = having("verdict", "document", "derivedVmgsid", "rootTrusted");
const checkMarker = orNull(having("marker", "fileId", "misplaced"));

/** What is reported of the provenance of a store. */
export function provenanceDocument(
  file: string,
  provenance: Provenance,
  found: MarkerLocation | null,
): ProvenanceDocument {
  checkText(file, "file");
  checkProvenance(provenance, "provenance");
  checkMarker(found, "found");
  const { verdict, document, derivedVmgsid, rootTrusted } = provenance;
  const marker = found && markerReport(found);
  return {
    schema: "vmgs.provenance/1",
    file,
    verdict,
    words: verdictWords[verdict],
    valid: document?.valid ?? null,
    problems: document?.problems ?? [],
    signer: document?.facts?.signer ?? null,
    vmgsid: document?.facts?.vmgsid ?? null,
    derivedVmgsid,
    chain: document?.facts?.chain ?? null,
    rootTrusted,
    marker,
    notes: markerNotes(marker?.provisioner ?? null, verdict),
  };
}
