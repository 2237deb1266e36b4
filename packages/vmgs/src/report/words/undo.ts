/** What an undo did, in one line. */

import { checkFlag, having } from "../../arguments/index.ts";
import type { UndoDocument } from "../documents/undo.ts";
import type { Hint } from "./hints.ts";

const checkDocument = having("goesBackTo", "sequence");

/** `went back to what sequence 5 was; sequence 7`, and how to go forward again. */
export function undoneWords(document: UndoDocument, withKey: boolean): Hint {
  checkDocument(document, "document");
  checkFlag(withKey, "withKey");
  const { goesBackTo, sequence } = document;
  return [
    `went back to what sequence ${goesBackTo} was; sequence ${sequence}; `,
    { kind: "undo", withKey },
    " goes forward again",
  ];
}
