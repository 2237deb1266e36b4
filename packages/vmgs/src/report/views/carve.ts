/** Old content of a store, for people. */

import { checkFlag, checkText, optional, orNull, withMembers } from "../../arguments/index.ts";
import { documentOf } from "../checks.ts";
import { type CarveDocument, MANIFEST, type SavedPiece } from "../documents/carve.ts";
import { type Section, section, type View } from "../view.ts";
import { formatCount, formatSize } from "../words/sizes.ts";

/** What people want to see of a carving. */
export interface CarveViewOptions {
  /** Where the pieces were saved; null in a dry run. */
  readonly folder: string | null;
  /** Why each piece is what it is called. */
  readonly evidence?: boolean;
  /** The list of pieces is what was asked for; how many there are may be noise. */
  readonly quiet?: boolean;
}

const checkDocument = documentOf("vmgs.carve/1");
const checkOptions = withMembers({
  folder: orNull(checkText),
  evidence: optional(checkFlag),
  quiet: optional(checkFlag),
});

/** The pieces, where they are, and how certain they are. */
export function carveView(document: CarveDocument, options: CarveViewOptions): View {
  checkDocument(document, "document");
  checkOptions(options, "options");
  const { file, pieces, openError } = document;
  const quiet = options.quiet === true;
  return {
    place: quiet ? null : file,
    headline: quiet
      ? null
      : `${summary(document, options.folder)}${openError === null ? "" : `; it can't be opened: ${openError.message}`}`,
    sections: [
      ...section(null, {
        kind: "table",
        columns: [
          { title: "piece", align: "left" },
          { title: "size", align: "right" },
          { title: "block", align: "right" },
          { title: "stored", align: "left" },
          { title: "confidence", align: "left" },
        ],
        rows: pieces.map(({ fileName, bytes, block, form, confidence }) => [
          fileName,
          formatSize(bytes),
          String(block),
          form,
          confidence,
        ]),
      }),
      ...(options.evidence === true ? pieces.flatMap(evidenceOf) : []),
    ],
  };
}

function summary({ pieces, truncated }: CarveDocument, folder: string | null): string {
  if (pieces.length === 0) return "nothing old was found";
  const done = folder === null ? "would be saved" : `saved in ${folder}, with ${MANIFEST}`;
  const more = truncated ? "; there is more than a disk of this size can hold" : "";
  return `${formatCount(pieces.length, "piece")} ${done}${more}`;
}

const evidenceOf = ({ fileName, evidence }: SavedPiece): Section[] =>
  section(fileName, { kind: "list", items: evidence });
