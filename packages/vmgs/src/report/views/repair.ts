/** A repair, planned or done, for people. */

import { checkFlag, checkWhole, eachOf, oneOf, optionsOf } from "../../arguments/index.ts";
import { documentOf } from "../checks.ts";
import type { RepairDocument, SavedEntry } from "../documents/repair.ts";
import { type Text, toned } from "../text.ts";
import { list, section, type View } from "../view.ts";
import { formatCount, formatSize } from "../words/sizes.ts";

/** The decisions that a plan was made with: carrying it out takes them again. */
export interface RepairAgain {
  readonly chooseHeader?: 0 | 1;
  /** File IDs. */
  readonly drop?: readonly number[];
  readonly goBack?: boolean;
  readonly withKey?: boolean;
  readonly withNewKey?: boolean;
}

const checkDocument = documentOf("vmgs.repair/1");
const checkAgain = optionsOf({
  chooseHeader: oneOf([0, 1]),
  drop: eachOf(checkWhole),
  goBack: checkFlag,
  withKey: checkFlag,
  withNewKey: checkFlag,
});

/** What is wrong, what is done about it and why, what has to be decided, and what is left. */
export function repairView(document: RepairDocument, again: RepairAgain = {}): View {
  checkDocument(document, "document");
  checkAgain(again, "again");
  const { file, findings, steps, choices, unrepaired, notes, saves, applied } = document;
  if (findings.length === 0 && steps.length === 0 && unrepaired.length === 0) {
    return { place: file, headline: "nothing to repair", sections: section(null, list(notes)) };
  }
  return {
    place: file,
    headline: formatCount(findings.length, "finding"),
    sections: [
      ...section(null, list(findings.map((words): Text => [toned("warning", words)]))),
      ...steps.flatMap(({ title, evidence }, i) =>
        section(`${applied ? "Done" : "Plan"} ${i + 1}. ${title}`, list(evidence)),
      ),
      ...choices.flatMap(({ option, title, evidence, action }) =>
        section(`${option}: ${title}`, list(evidence), {
          kind: "actions",
          actions: [{ words: "see what this does", action: { ...again, ...action } }],
        }),
      ),
      ...unrepaired.flatMap(({ problem, advice, actions }) =>
        section(`Not repaired: ${problem}`, list([advice]), { kind: "actions", actions }),
      ),
      ...section(
        notes.length + saves.length === 0 ? null : "Notes",
        list(notes),
        list(saves.map((saved) => savedWords(saved, applied))),
      ),
      ...section("Outcome", list(outcomeWords(document)), {
        kind: "actions",
        actions:
          applied || steps.length === 0
            ? []
            : [
                {
                  words: "carry it out",
                  action: { kind: "repair", ...again, apply: true, ...(saves.length > 0 && { save: true }) },
                },
              ],
      }),
    ],
  };
}

function savedWords({ title, bytes, path }: SavedEntry, applied: boolean): string {
  return `${title} (${formatSize(bytes)}): ${applied ? `saved as ${path}` : "saved before"}`;
}

function outcomeWords({ steps, outcome, applied, backup }: RepairDocument): string[] {
  const { opens, sequence, files, error } = outcome;
  const after = opens
    ? `the store opens, sequence ${sequence}, ${formatCount(files.length, "file")}`
    : `the store does not open: ${error}`;
  if (steps.length === 0) return [opens ? "choose one of the options above" : after];
  return [applied ? `repaired, backup in ${backup}; ${after}` : `nothing was written; afterwards ${after}`];
}
