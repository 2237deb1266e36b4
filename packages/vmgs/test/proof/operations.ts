/** What is done to a store in a random history: as data, so that it can be told to the store, to the model, and to people. */

import type { HeaderSlot } from "../../src/index.ts";
import { testKey } from "../store-fixtures.ts";
import type { Random } from "./random.ts";

/** A datastore key by number: 1 to 3. */
export type KeyNumber = number;

export const KEY_NUMBERS: readonly KeyNumber[] = [1, 2, 3];

/** The bytes of a numbered key. */
export const keyBytes = (key: KeyNumber): Uint8Array => testKey(key);

export type ModelChange =
  | {
      readonly kind: "write";
      readonly fileId: number;
      readonly content: Uint8Array;
      readonly encrypt: boolean;
      readonly overwriteEncrypted: boolean;
    }
  | { readonly kind: "delete"; readonly fileId: number }
  /** The stored bytes go to other blocks. */
  | { readonly kind: "relocate"; readonly fileId: number }
  | { readonly kind: "move"; readonly fileId: number; readonly to: number; readonly overwrite: boolean }
  | { readonly kind: "addKey"; readonly key: KeyNumber }
  | { readonly kind: "removeKey"; readonly keySlot: HeaderSlot }
  | { readonly kind: "removeEncryption" }
  | { readonly kind: "markReprovisioned"; readonly value: boolean };

export type Operation =
  | { readonly kind: "commit"; readonly changes: readonly ModelChange[]; readonly wipe: boolean }
  | { readonly kind: "updateKey"; readonly key: KeyNumber }
  | { readonly kind: "decryptAll"; readonly wipe: boolean }
  /**
   * Wipes the store. When it is soiled, another writer has left bytes behind the ends of files before; where they lie in
   * the last sector of content the file must move.
   */
  | { readonly kind: "wipe"; readonly soiled: boolean; readonly relocated: readonly number[] }
  /** Goes back to the generation before, with a key for it or with the one that opened the store. */
  | { readonly kind: "undo"; readonly key: KeyNumber | null }
  /** Closes the store and opens it again; null stays locked. */
  | { readonly kind: "reopen"; readonly key: KeyNumber | null }
  /** Saves the store and goes on from the saved state. */
  | { readonly kind: "resume" };

/** What kinds of operations a history has. */
export interface Profile {
  readonly name: string;
  /** Files that histories use: few, so that they meet, or many, so that the table fills. */
  readonly fileIds: number;
  /** Blocks of the largest file. */
  readonly largest: number;
  /** Chances of plain changes, changes of encrypted files, key changes, and opening again. */
  readonly weights: readonly [plain: number, sealed: number, keys: number, reopen: number];
}

export const profiles: readonly Profile[] = [
  { name: "plain", fileIds: 6, largest: 3, weights: [12, 1, 0, 1] },
  { name: "encrypted", fileIds: 6, largest: 3, weights: [4, 8, 4, 2] },
  { name: "many files", fileIds: 62, largest: 1, weights: [8, 8, 1, 1] },
  { name: "large files", fileIds: 4, largest: 9, weights: [4, 6, 2, 1] },
];

/** An operation chosen at random. Many are refused: that must leave the disk alone. */
export function randomOperation(random: Random, profile: Profile): Operation {
  const [plain, sealed, keys, reopen] = profile.weights;
  const wipe = random.oneIn(5);
  if (random.oneIn(8)) return { kind: "undo", key: random.oneIn(3) ? random.pick(KEY_NUMBERS) : null };
  let dice = random.below(plain + sealed + keys + reopen);
  if (dice < plain + sealed) {
    const encrypt = dice >= plain;
    const count = random.oneIn(4) ? 2 + random.below(4) : 1;
    const changes = Array.from({ length: count }, () => fileChange(random, profile, encrypt));
    if (count > 1 && keys > 0 && random.oneIn(6)) changes.push(keyChange(random));
    return { kind: "commit", changes, wipe };
  }
  dice -= plain + sealed;
  if (dice < keys) {
    if (random.oneIn(4)) return { kind: "updateKey", key: random.pick(KEY_NUMBERS) };
    if (random.oneIn(6)) return { kind: "decryptAll", wipe };
    return { kind: "commit", changes: [keyChange(random)], wipe: false };
  }
  if (random.oneIn(3)) return { kind: "wipe", soiled: random.oneIn(2), relocated: [] };
  if (random.oneIn(3)) return { kind: "resume" };
  return { kind: "reopen", key: random.oneIn(3) ? null : random.pick(KEY_NUMBERS) };
}

function fileChange(random: Random, profile: Profile, encrypt: boolean): ModelChange {
  const fileId = () => (random.oneIn(60) ? random.pick([0, 63, 64, -1]) : 1 + random.below(profile.fileIds));
  const dice = random.below(20);
  if (dice < 13) {
    const content = random.bytes(contentLength(random, profile));
    return { kind: "write", fileId: fileId(), content, encrypt, overwriteEncrypted: random.oneIn(3) };
  }
  if (dice < 15) return { kind: "delete", fileId: fileId() };
  if (dice < 19) return { kind: "move", fileId: fileId(), to: fileId(), overwrite: random.oneIn(2) };
  return { kind: "markReprovisioned", value: random.oneIn(2) };
}

function keyChange(random: Random): ModelChange {
  const dice = random.below(10);
  if (dice < 6) return { kind: "addKey", key: random.pick(KEY_NUMBERS) };
  if (dice < 9) return { kind: "removeKey", keySlot: random.below(2) as HeaderSlot };
  return { kind: "removeEncryption" };
}

/** Lengths where something may go wrong: nothing, one byte, around sectors and blocks; else anything. */
function contentLength(random: Random, { largest }: Profile): number {
  const edges = [0, 1, 511, 512, 513, 4095, 4096, 4097];
  if (random.oneIn(3)) return Math.min(random.pick(edges), largest * 4096);
  return random.below(largest * 4096 + 1);
}

/** `write 3 (5000 bytes, encrypted)`: one line for people. */
export function operationText(operation: Operation): string {
  switch (operation.kind) {
    case "commit":
      return `${operation.changes.map(changeText).join(" + ")}${operation.wipe ? ", wiping" : ""}`;
    case "updateKey":
      return `update to key ${operation.key}`;
    case "decryptAll":
      return `decrypt all${operation.wipe ? ", wiping" : ""}`;
    case "wipe":
      return operation.soiled ? "wipe, soiled before" : "wipe";
    case "undo":
      return operation.key === null ? "undo" : `undo with key ${operation.key}`;
    case "reopen":
      return operation.key === null ? "open again, locked" : `open again with key ${operation.key}`;
    case "resume":
      return "resume from saved state";
  }
}

function changeText(change: ModelChange): string {
  switch (change.kind) {
    case "write": {
      const how = `${change.encrypt ? "encrypted" : "plain"}${change.overwriteEncrypted ? ", overwriting" : ""}`;
      return `write ${change.fileId} (${change.content.length} bytes, ${how})`;
    }
    case "delete":
      return `delete ${change.fileId}`;
    case "relocate":
      return `relocate ${change.fileId}`;
    case "move":
      return `move ${change.fileId} to ${change.to}${change.overwrite ? ", overwriting" : ""}`;
    case "addKey":
      return `add key ${change.key}`;
    case "removeKey":
      return `remove key slot ${change.keySlot}`;
    case "removeEncryption":
      return "remove encryption";
    case "markReprovisioned":
      return `${change.value ? "set" : "clear"} reprovisioned`;
  }
}
