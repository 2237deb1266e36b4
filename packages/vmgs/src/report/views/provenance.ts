/** The provenance of a store, for people: what is signed beside what is not. */

import { documentOf } from "../checks.ts";
import type { ProvenanceDocument } from "../documents/provenance.ts";
import { toned } from "../text.ts";
import { fields, list, section, type View } from "../view.ts";
import { rootWords } from "../words/provenance.ts";
import { clip } from "../words/sizes.ts";

const checkDocument = documentOf("vmgs.provenance/1");

/** The verdict, the signed word, the unsigned one. */
export function provenanceView(document: ProvenanceDocument): View {
  checkDocument(document, "document");
  const { file, verdict, words, problems, signer, vmgsid, derivedVmgsid, chain, marker, notes } = document;
  const tone =
    verdict === "matches" ? "good" : verdict === "absent" || verdict === "seedLocked" ? "warning" : "bad";
  return {
    place: file,
    headline: [toned(tone, words)],
    sections: [
      ...section(
        "Signed: provenance document",
        list(problems.map(({ message }) => `PROVENANCE_DOC (16) ${clip(message)}`)),
        fields([
          ...(signer === null ? [] : [["signer", clip(signer)] as const]),
          ...(chain === null ? [] : [["root", rootWords(document)] as const]),
          ...(vmgsid === null ? [] : [["VMGSID in it", vmgsid] as const]),
          ...(derivedVmgsid === null ? [] : [["VMGSID of the store", derivedVmgsid] as const]),
        ]),
      ),
      ...section(
        "Chain, leaf first",
        list(
          (chain ?? []).map(
            ({ subject, notBefore, notAfter }) =>
              `${clip(subject)}, valid ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`,
          ),
        ),
      ),
      ...section(
        "Not signed: provisioning marker",
        fields(
          marker === null
            ? [["marker", "none"]]
            : [
                ["provisioner", clip(marker.provisioner ?? "not given")],
                ["reason", clip(marker.reason ?? "not given")],
                ["version", clip(marker.version ?? "not given")],
              ],
        ),
        list(notes.map((note) => [toned("warning", "note:"), ` ${note}`])),
      ),
    ],
  };
}
