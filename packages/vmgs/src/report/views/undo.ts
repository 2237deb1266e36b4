/** A store that goes back to the generation before, for people. */

import { having } from "../../arguments/index.ts";
import type { GenerationFacts, UndoDocument } from "../documents/undo.ts";
import { fields, list, section, type View } from "../view.ts";
import { changeWords, placesWords } from "../words/changes.ts";

const checkDocument = having("goesBackTo", "changes", "before", "after");

/** What it goes back to, and what changes. */
export function undoView(document: UndoDocument): View {
  checkDocument(document, "document");
  const { file, dryRun, leaves, goesBackTo, sequence, changes, before, after } = document;
  const header = headerChanges(before, after);
  const none = changes.length === 0 && header.length === 0;
  return {
    place: file,
    headline: `${dryRun ? "would go" : "goes"} back from sequence ${leaves} to what sequence ${goesBackTo} was; sequence ${sequence} afterwards`,
    sections: [
      ...section("Files", fields(changes.map((change) => [changeWords[change.kind], placesWords(change)]))),
      ...section("Header", list(header)),
      ...section(null, list(none ? ["no file changes"] : [])),
    ],
  };
}

function headerChanges(before: GenerationFacts, after: GenerationFacts): string[] {
  const words = ({ encrypted, keySlots, reprovisioned }: GenerationFacts) => [
    ["encryption", encrypted ? "AES-256-GCM" : "none"],
    ["key slots in use", keySlots.join(" and ") || "none"],
    ["reprovisioned", reprovisioned ? "set" : "not set"],
  ];
  const now = words(after);
  return words(before).flatMap(([name, value], i) =>
    value === now[i]?.[1] ? [] : [`${name}: ${value} -> ${now[i]?.[1]}`],
  );
}
