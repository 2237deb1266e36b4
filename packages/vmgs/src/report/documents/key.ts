/** `vmgs.key-derive/1` and `vmgs.key-check/1`. No key is ever in a document. */

import { checkList, checkText, having, orNull } from "../../arguments/index.ts";
import type { KeyEntry, KeyScheme } from "../../guest/index.ts";
import type { MissingKeyReason, StoreKeyDerivation } from "../../protection/index.ts";
import type { KeySlotCheck, KeySlotResult } from "../../store/index.ts";
import { checkDerivation } from "../checks.ts";
import { derivationWords, keySlotWords, missingKeyWords, originWords, slotsWords } from "../words/key.ts";

/** A key slot, tried. */
export interface TriedSlot {
  readonly slot: 0 | 1;
  readonly result: KeySlotResult;
  /** The result in words. */
  readonly words: string;
}

/** A derived key, without the key. */
export interface DerivedKey {
  readonly scheme: KeyScheme;
  /** Entry of the key protector; null for GspById. */
  readonly entry: KeyEntry | null;
  /** What it does with each key slot; null for a store that is not encrypted. */
  readonly slots: readonly TriedSlot[] | null;
  /** Where it comes from and what it opens, in words. */
  readonly words: string;
}

/** What gives no key. */
export interface MissingDerivedKey {
  readonly entry: KeyEntry | null;
  readonly reason: MissingKeyReason;
  readonly words: string;
}

/** Keys that were derived from the protectors of a store. */
export interface KeyDeriveDocument {
  readonly schema: "vmgs.key-derive/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly encrypted: boolean;
  readonly candidates: readonly DerivedKey[];
  readonly missing: readonly MissingDerivedKey[];
  /** Key slot of the store that one of them opens; null when none does. */
  readonly opens: 0 | 1 | null;
  /** File that the key was written to; null when none was written. */
  readonly written: string | null;
  /** What came of it, in words. */
  readonly words: string;
}

/** What a key does with the key slots of a store. */
export interface KeyCheckDocument {
  readonly schema: "vmgs.key-check/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly slots: readonly TriedSlot[];
  /** Key slot through which the key opens the store; null when it does not. */
  readonly opens: 0 | 1 | null;
  /** Whether it only opens a slot that no longer opens the store. */
  readonly stale: boolean;
  /** The result in words. */
  readonly words: string;
}

const triedSlot = (check: KeySlotCheck): TriedSlot => ({ ...check, words: keySlotWords(check) });

const openedSlot = (slots: readonly KeySlotCheck[]): 0 | 1 | null =>
  slots.find(({ result }) => result === "opens")?.slot ?? null;

/** What is reported of derived keys. */
export function keyDeriveDocument(
  file: string,
  derivation: StoreKeyDerivation,
  written: string | null,
): KeyDeriveDocument {
  checkText(file, "file");
  checkDerivation(derivation, "derivation");
  orNull(checkText)(written, "written");
  const { encrypted, candidates, missing, opening } = derivation;
  return {
    schema: "vmgs.key-derive/1",
    file,
    encrypted,
    candidates: candidates.map(({ scheme, entry, slots }) => ({
      scheme,
      entry,
      slots: slots?.map(triedSlot) ?? null,
      words: `${originWords(scheme, entry)}: ${slots === null ? "not verified" : slotsWords(slots)}`,
    })),
    missing: missing.map((one) => ({ ...one, words: missingKeyWords(one) })),
    opens: openedSlot(opening?.slots ?? []),
    written,
    words: derivationWords(derivation),
  };
}

/** What is reported of a key that was tried. */
export function keyCheckDocument(file: string, slots: readonly KeySlotCheck[]): KeyCheckDocument {
  checkText(file, "file");
  checkList(slots, "slots", having("slot", "result"));
  const opens = openedSlot(slots);
  return {
    schema: "vmgs.key-check/1",
    file,
    slots: slots.map(triedSlot),
    opens,
    stale: opens === null && slots.some(({ result }) => result === "stale"),
    words: slotsWords(slots),
  };
}
