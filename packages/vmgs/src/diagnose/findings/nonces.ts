/** Nonces that were used twice: in both generations, in both tables, in the key slots. Pure, and needs no key. */

import { fileIdName, isAllZero, isEmptyKeySlot, isSealed } from "../../format/index.ts";
import { toHex } from "../../layout/index.ts";
import type { StoreState } from "../../store/index.ts";
import { type Finding, finding } from "../finding.ts";

interface NonceUse {
  readonly nonce: string;
  readonly tag: string;
  /** Where it stands, in words. */
  readonly where: string;
  /** First block of what is encrypted; null for a key slot. */
  readonly block: number | null;
}

/**
 * The same nonce with another tag is another ciphertext. With the same tag, or in the same block, it is one content
 * that is seen in both generations.
 */
export function reusedNonces(state: StoreState, previous: StoreState | null): Finding[] {
  const first = new Map<string, NonceUse>();
  const found: Finding[] = [];
  for (const use of [
    ...usesIn(state, "current"),
    ...(previous === null ? [] : usesIn(previous, "previous")),
  ]) {
    const before = first.get(use.nonce);
    if (before === undefined) {
      first.set(use.nonce, use);
    } else if (before.tag !== use.tag && (use.block === null || before.block !== use.block)) {
      const message = `${before.where} and ${use.where} carry the nonce ${use.nonce}`;
      found.push(
        finding("encryption-nonce-reuse", message, {
          nonce: use.nonce,
          first: before.where,
          second: use.where,
        }),
      );
    }
  }
  return found;
}

function usesIn(state: StoreState, generation: string): NonceUse[] {
  const files = [...state.files.values()]
    .filter(({ attributes, nonce }) => isSealed(attributes) && !isAllZero(nonce))
    .map(({ fileId, nonce, tag, block }) => ({
      block,
      nonce: toHex(nonce),
      tag: toHex(tag),
      where: `${fileIdName(fileId) ?? `file ${fileId}`} (${generation})`,
    }));
  const slots = state.header.metadataKeys
    .map((slot, i) => ({ slot, where: `key slot ${i} (${generation})` }))
    .filter(({ slot }) => !isEmptyKeySlot(slot) && !isAllZero(slot.nonce))
    .map(({ slot, where }) => ({
      nonce: toHex(slot.nonce),
      tag: toHex(slot.authenticationTag),
      where,
      block: null,
    }));
  return [...files, ...slots];
}
