/** Datastore keys in words: where they come from, what they open, why there is none. Never a key. */

import type { KeyEntry, KeyScheme } from "../../guest/index.ts";
import type { MissingKey, MissingKeyReason, StoreKeyDerivation } from "../../protection/index.ts";
import type { KeySlotCheck, KeySlotResult } from "../../store/index.ts";
import { checkDerivation } from "../checks.ts";

/** What a key is derived from. */
export const schemeWords: Readonly<Record<KeyScheme, string>> = {
  tenantKey: "the tenant key",
  tenantKeyAndGsp: "the tenant key and the GSP seed",
  gspKey: "the GSP seed",
  gspById: "the host's seed and the VM unique ID",
};

/** Where a key was derived from: `ingress entry, the tenant key`. */
export function originWords(scheme: KeyScheme, entry: KeyEntry | null): string {
  return entry === null ? schemeWords[scheme] : `${entry} entry, ${schemeWords[scheme]}`;
}

const REASONS: Readonly<Record<MissingKeyReason, string>> = {
  entryEmpty: "is empty",
  needsTenantKey: "has a wrapped key, and no tenant key was given",
  needsWrappedDesKey: "has an AES-wrapped key, and no wrapped key of the disk encryption settings was given",
  unwrapFailed: "is not unwrapped by this tenant key: it belongs to another key, or is damaged",
  noKeyProtector: "the store has no KEY_PROTECTOR (6)",
  keyProtectorUnreadable:
    "KEY_PROTECTOR (6) can't be read: it is encrypted, or has a size that is not allowed",
  noVmUniqueId: "the store has no VM_UNIQUE_ID (7)",
  vmUniqueIdUnreadable: "VM_UNIQUE_ID (7) can't be read: it is encrypted, or has less than 16 bytes",
};

/** Why there is no key: `the egress entry is empty`. */
export function missingKeyWords({ entry, reason }: MissingKey): string {
  return entry === null ? REASONS[reason] : `the ${entry} entry ${REASONS[reason]}`;
}

const RESULTS: Readonly<Record<KeySlotResult, string>> = {
  empty: "not in use",
  otherKey: "holds another key",
  stale: "stale: this key opens the slot, but the slot no longer opens the store",
  damaged: "this key opens the slot, but the extended file table is damaged",
  opens: "this key opens the store",
};

/** What a key does with a slot: `stale: ...`. */
export function keySlotWords({ result }: KeySlotCheck): string {
  return RESULTS[result];
}

/** What a key does with a store, in a line without a full stop. */
export function slotsWords(slots: readonly KeySlotCheck[]): string {
  const found = (wanted: KeySlotResult) => slots.find(({ result }) => result === wanted);
  const [opens, stale, damaged] = [found("opens"), found("stale"), found("damaged")];
  if (opens !== undefined) return `opens the store, in key slot ${opens.slot}`;
  if (stale !== undefined)
    return `opens key slot ${stale.slot}, which is stale: the store needs the other key`;
  if (damaged !== undefined) {
    return `opens key slot ${damaged.slot}, but the extended file table is damaged`;
  }
  return "opens no key slot";
}

/** What came of deriving, in a line without a full stop. */
export function derivationWords(derivation: StoreKeyDerivation): string {
  checkDerivation(derivation, "derivation");
  const { encrypted, candidates, missing, opening } = derivation;
  if (opening !== null) {
    const { scheme, entry, slots } = opening;
    return `key of ${originWords(scheme, entry)}: ${slotsWords(slots ?? [])}`;
  }
  const tried = candidates.map(({ scheme, entry, slots }) => {
    const result = slots === null ? "not verified" : slotsWords(slots);
    return `the key of ${originWords(scheme, entry)} ${result}`;
  });
  const why = [...tried, ...missing.map(missingKeyWords)].join("; ");
  return `${encrypted ? "no derived key opens the store" : "the store is not encrypted"}: ${why || "nothing to derive a key from"}`;
}
