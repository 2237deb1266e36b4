/** Holds what lies on a disk to the model: opened anew, unlocked, every file read. */

import { Buffer } from "node:buffer";
import {
  type Generation,
  isEncrypted,
  isReprovisioned,
  isVmgsError,
  openStoreSync,
  type StoreState,
  type SyncDisk,
  type SyncStore,
  storeWarnings,
  usedKeySlots,
  type WarningCode,
} from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { hasEncryption, type Saved, slotOf } from "./model.ts";
import { KEY_NUMBERS, type KeyNumber, keyBytes } from "./operations.ts";

export interface CompareOptions {
  /** Try all keys, right and wrong ones, and not only one that opens the store. */
  readonly allKeys?: boolean;
  /** A header sector is torn, so that a warning about it is right. */
  readonly tornHeader?: boolean;
  readonly generation?: Generation;
}

const ABOUT_HEADERS: readonly WarningCode[] = ["VMGS_ACTIVE_HEADER_LOST", "VMGS_OTHER_HEADER_INVALID"];

/** The keys in use as secrets would be slow to make anew for every image. */
const keys = new Map<KeyNumber, Uint8Array>(KEY_NUMBERS.map((key) => [key, keyBytes(key)]));
const bytesOf = (key: KeyNumber) => keys.get(key) as Uint8Array;

/** What is otherwise on the disk than the model says, or null. */
export function differenceOnDisk(disk: SyncDisk, saved: Saved, options: CompareOptions = {}): string | null {
  const { allKeys = false, generation = "current" } = options;
  try {
    const store = openStoreSync(disk, { cipher: nodeCipher, generation });
    const locked = inHeader(store.state, saved) ?? warningsBeside(store.state, saved, options);
    if (locked !== null) return locked;
    if (!hasEncryption(saved)) return inFiles(store, saved);
    const opening = KEY_NUMBERS.filter((key) => typeof slotOf(saved, key) === "number");
    for (const key of allKeys ? opening : opening.slice(0, 1)) {
      store.unlock(bytesOf(key));
      const unlocked = inFiles(store, saved) ?? warningsBeside(store.state, saved, options);
      if (unlocked !== null) return `with key ${key}: ${unlocked}`;
    }
    return allKeys ? inOtherKeys(store, saved) : null;
  } catch (error) {
    if (isVmgsError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

function inHeader(state: StoreState, saved: Saved): string | null {
  if (isEncrypted(state) !== hasEncryption(saved)) return `encrypted: ${isEncrypted(state)}`;
  if (isReprovisioned(state) !== saved.reprovisioned) return `reprovisioned: ${isReprovisioned(state)}`;
  const used = usedKeySlots(state.header);
  const expected = [0, 1].filter((slot) => saved.keys[slot] !== null);
  return used.join() === expected.join() ? null : `key slots ${used} are used, not ${expected}`;
}

/** What an open store, unlocked if it is encrypted, shows otherwise than the model says. */
export function inFiles(store: Pick<SyncStore, "files" | "readFile">, saved: Saved): string | null {
  const { files } = store;
  if (files.length !== saved.files.size) return `files ${files.map(({ id }) => id)}`;
  for (const { id, encrypted } of files) {
    const expected = saved.files.get(id);
    if (expected === undefined) return `file ${id} should not be there`;
    if (encrypted !== expected.sealed) return `file ${id} is ${encrypted ? "encrypted" : "plain"}`;
    if (!sameBytes(store.readFile(id), expected.content)) return `file ${id} has other content`;
  }
  return null;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Keys that must not open the store, and how they must fail. */
function inOtherKeys(store: SyncStore, saved: Saved): string | null {
  for (const key of KEY_NUMBERS) {
    const slot = slotOf(saved, key);
    if (typeof slot === "number") continue;
    const expected = slot === "stale" ? "VMGS_EXTENDED_FILE_TABLE" : "VMGS_WRONG_KEY";
    try {
      store.unlock(bytesOf(key));
      return `key ${key} opens the store`;
    } catch (error) {
      if (!isVmgsError(error, expected)) throw error;
    }
  }
  return null;
}

/** Warnings other than those that the model knows of: files that were overwritten while the store was locked. */
function warningsBeside(
  state: StoreState,
  saved: Saved,
  { tornHeader = false }: CompareOptions,
): string | null {
  const warnings = storeWarnings(state);
  const small = state.geometry.blockCapacity < 6;
  const behind = [...saved.files].filter(([id, { sealed }]) => saved.keyed.has(id) && !sealed).length;
  const expectedBehind = state.unlocked === null ? 0 : behind;
  let differing = 0;
  let torn = 0;
  for (const { code, message } of warnings) {
    if (code === "VMGS_ATTRIBUTES_DIFFER") differing++;
    else if (ABOUT_HEADERS.includes(code)) torn++;
    else if (!(small && code === "VMGS_STORE_TOO_SMALL")) return `warns: ${code}: ${message}`;
  }
  if (differing !== expectedBehind)
    return `${differing} warnings about attributes instead of ${expectedBehind}`;
  return torn > (tornHeader ? 1 : 0) ? "warns about a header that is not torn" : null;
}
