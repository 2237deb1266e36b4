/** Datastore keys, derived or checked, for people. */

import { documentOf } from "../checks.ts";
import type { KeyCheckDocument, KeyDeriveDocument } from "../documents/key.ts";
import { toned } from "../text.ts";
import { fields, list, section, type View } from "../view.ts";

const checkDerive = documentOf("vmgs.key-derive/1");
const checkCheck = documentOf("vmgs.key-check/1");

/** What was derived, what it opens, and why there is not more. */
export function keyDeriveView(document: KeyDeriveDocument): View {
  checkDerive(document, "document");
  const { file, candidates, missing, written } = document;
  return {
    place: file,
    headline: null,
    sections: section(
      null,
      list(
        candidates.map(({ words, slots }) =>
          slots?.some(({ result }) => result === "opens") === true ? [toned("good", words)] : words,
        ),
      ),
      list(missing.map(({ words }) => [toned("quiet", words)])),
      fields(written === null ? [] : [["key written to", written]]),
    ),
  };
}

/** What the key does with each slot. */
export function keyCheckView(document: KeyCheckDocument): View {
  checkCheck(document, "document");
  const { file, slots, words, opens } = document;
  return {
    place: file,
    headline: [toned(opens === null ? "bad" : "good", `the key ${words}`)],
    sections: section(null, fields(slots.map((slot) => [`key slot ${slot.slot}`, slot.words]))),
  };
}
