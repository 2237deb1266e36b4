/**
 * A store as a plain map: what the specification says that users see, without blocks, headers and ciphers. Written from
 * the specification (sections 5 and 6), so that the store is held to something that shares no code with it.
 */

import type { ErrorCode, HeaderSlot } from "../../src/index.ts";
import type { KeyNumber, ModelChange, Operation } from "./operations.ts";

export interface ModelFile {
  readonly content: Uint8Array;
  /** Stored encrypted. */
  readonly sealed: boolean;
}

export interface ModelKey {
  readonly key: KeyNumber;
  /** Wraps the metadata key in use; otherwise a write left it behind (spec: only the active slot is refreshed). */
  readonly fresh: boolean;
  /** Counter of its nonce (spec: encryption). */
  readonly counter: number;
}

/** What is on the disk, and so what a power failure must leave completely. */
export interface Saved {
  readonly files: ReadonlyMap<number, ModelFile>;
  readonly keys: readonly [ModelKey | null, ModelKey | null];
  readonly reprovisioned: boolean;
  /** Files that the extended file table calls encrypted: while a store is locked it falls behind. */
  readonly keyed: ReadonlySet<number>;
}

/** A generation that `undo` goes back to. */
export interface Before {
  readonly saved: Saved;
  /** Whether the two headers have the same key slots, byte for byte. */
  readonly sameKeys: boolean;
  /** Whether the two headers lead to the same tables, so that wiping spares them. */
  readonly sameTables: boolean;
}

/** A store that is open: what is on the disk, and the key slot that opened it, or null. */
export interface Session {
  readonly saved: Saved;
  readonly keySlot: HeaderSlot | null;
  /** The generation before. Not known after a power failure: what was not committed may have overwritten it. */
  readonly before: Before | "none" | "wiped" | "unknown";
}

export type Expectation =
  | {
      readonly kind: "done";
      /** What is on the disk after each transaction; none when nothing is written. */
      readonly states: readonly Saved[];
      readonly session: Session;
      /** Bytes of everything each transaction writes, in ascending file ID: to tell whether there is space. */
      readonly writes: readonly (readonly number[])[];
    }
  | { readonly kind: "refused"; readonly code: ErrorCode };

const TABLE_BYTES = 4096;

export const blank: Saved = { files: new Map(), keys: [null, null], reprovisioned: false, keyed: new Set() };

export const hasEncryption = ({ keys }: Saved): boolean => keys.some((key) => key !== null);

/** The key slot that a key opens; `stale` when a write left it behind, null when no slot has the key. */
export function slotOf({ keys }: Saved, key: KeyNumber): HeaderSlot | "stale" | null {
  const fresh = keys.findIndex((slot) => slot?.key === key && slot.fresh);
  if (fresh !== -1) return fresh as HeaderSlot;
  return keys.some((slot) => slot?.key === key) ? "stale" : null;
}

class Refusal {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    this.code = code;
  }
}

function refuse(code: ErrorCode): never {
  throw new Refusal(code);
}

/** What an operation must do, as far as it does not depend on free space. */
export function expectationOf(session: Session, operation: Operation): Expectation {
  try {
    if (operation.kind === "undo") return undone(session, operation.key);
    const transactions = transactionsOf(session, operation);
    let now = reopened(session, operation);
    const states: Saved[] = [];
    const writes: (readonly number[])[] = [];
    for (const changes of transactions) {
      const done = transact(now, changes);
      // A file that is moved onto itself stays as it is, and nothing is written.
      if (changes.every((change) => change.kind === "move" && change.fileId === change.to)) continue;
      now = done.session;
      states.push(now.saved);
      writes.push(done.writes);
    }
    return { kind: "done", states, session: wipes(operation) ? wiped(now) : now, writes };
  } catch (refusal) {
    if (refusal instanceof Refusal) return { kind: "refused", code: refusal.code };
    throw refusal;
  }
}

/** Whether an operation leaves nothing old at all. */
export const wipes = (operation: Operation): boolean =>
  operation.kind === "wipe" || ("wipe" in operation && operation.wipe);

function wiped(session: Session): Session {
  const { before } = session;
  return typeof before === "string" || before.sameTables ? session : { ...session, before: "wiped" };
}

/** The generation before and the current one change places. */
function undone({ saved, keySlot, before }: Session, given: KeyNumber | null): Expectation {
  if (before === "none") refuse("VMGS_NO_PREVIOUS_GENERATION");
  if (before === "wiped") refuse("VMGS_GENERATION_WIPED");
  if (before === "unknown") throw new Error("nothing is expected of a generation that is not known");
  const key = given ?? (keySlot === null ? null : (saved.keys[keySlot]?.key ?? null));
  let opened: HeaderSlot | null = null;
  if (hasEncryption(before.saved)) {
    if (key === null && !before.sameKeys) refuse("VMGS_NEEDS_UNLOCK");
    if (key !== null) opened = opening(before.saved, key);
  } else if (hasEncryption(saved) && keySlot === null && !before.sameKeys) refuse("VMGS_NEEDS_UNLOCK");
  const now = {
    ...before.saved,
    keys: before.sameKeys ? saved.keys : countedOn(before.saved, saved, opened, key),
  };
  const session: Session = { saved: now, keySlot: opened, before: { ...before, saved } };
  return { kind: "done", states: [now], session, writes: [] };
}

/** Counters of keys never go back: what a key opens is wrapped anew, and a key that is not known must not be behind. */
function countedOn(
  before: Saved,
  now: Saved,
  opened: HeaderSlot | null,
  known: KeyNumber | null,
): Saved["keys"] {
  if (!hasEncryption(before)) return before.keys;
  let highest = Math.max(...[...before.keys, ...now.keys].map((slot) => slot?.counter ?? 0));
  const wrap = (slot: HeaderSlot): ModelKey | null => {
    const [earlier, later] = [before.keys[slot], now.keys[slot]];
    const behind = earlier !== null && later !== null && earlier.counter < later.counter;
    if (earlier === null || (slot !== opened && !behind)) return earlier;
    if (earlier.key !== known) refuse("VMGS_WRONG_KEY");
    return { ...earlier, counter: ++highest };
  };
  return [wrap(0), wrap(1)];
}

function opening(saved: Saved, key: KeyNumber): HeaderSlot {
  const slot = slotOf(saved, key);
  if (slot === null) refuse("VMGS_WRONG_KEY");
  if (slot === "stale") refuse("VMGS_EXTENDED_FILE_TABLE");
  return slot;
}

function reopened(session: Session, operation: Operation): Session {
  const { saved } = session;
  if (operation.kind !== "reopen") return session;
  if (operation.key === null) return { ...session, keySlot: null };
  if (!hasEncryption(saved)) refuse("VMGS_NOT_ENCRYPTED");
  return { ...session, keySlot: opening(saved, operation.key) };
}

/** The transactions of an operation, each a list of changes. */
function transactionsOf({ saved, keySlot }: Session, operation: Operation): ModelChange[][] {
  switch (operation.kind) {
    case "commit":
      return [[...operation.changes]];
    case "updateKey": {
      const other = keySlot === 0 ? 1 : 0;
      const full = saved.keys.every((key) => key !== null);
      const before: ModelChange[][] =
        keySlot !== null && full ? [[{ kind: "removeKey", keySlot: other }]] : [];
      const after: ModelChange[][] = keySlot === null ? [] : [[{ kind: "removeKey", keySlot }]];
      return [...before, [{ kind: "addKey", key: operation.key }], ...after];
    }
    case "decryptAll": {
      if (hasEncryption(saved) && keySlot === null) refuse("VMGS_NEEDS_UNLOCK");
      const plain = [...saved.files]
        .filter(([, { sealed }]) => sealed)
        .map(([fileId, { content }]): ModelChange => {
          return { kind: "write", fileId, content, encrypt: false, overwriteEncrypted: true };
        });
      return [[...plain, { kind: "removeEncryption" }]];
    }
    case "wipe": {
      const changes = operation.relocated.map((fileId): ModelChange => ({ kind: "relocate", fileId }));
      return changes.length > 0 ? [changes] : [];
    }
    case "undo":
    case "reopen":
    case "resume":
      return [];
  }
}

/** A store in the middle of a transaction. */
interface Draft {
  readonly files: Map<number, ModelFile>;
  readonly written: Set<number>;
  readonly keys: [ModelKey | null, ModelKey | null];
  /** Slots whose key is known within the transaction. */
  readonly known: Set<HeaderSlot>;
  /** Slots that got their key within the transaction. */
  readonly added: Set<HeaderSlot>;
  keySlot: HeaderSlot | null;
  reprovisioned: boolean;
  tables: boolean;
}

const KEY_CHANGES: readonly ModelChange["kind"][] = ["addKey", "removeKey", "removeEncryption"];

const encrypted = (draft: Draft) => draft.keys.some((key) => key !== null);
const locked = (draft: Draft) => encrypted(draft) && draft.keySlot === null;

function transact(
  { saved, keySlot }: Session,
  changes: readonly ModelChange[],
): { session: Session; writes: number[] } {
  const draft: Draft = {
    files: new Map(saved.files),
    written: new Set(),
    keys: [...saved.keys],
    known: new Set(keySlot === null ? [] : [keySlot]),
    added: new Set(),
    keySlot,
    reprovisioned: saved.reprovisioned,
    tables: false,
  };
  for (const change of changes) apply(draft, change);
  const writesKeys = draft.tables && (draft.keySlot !== null || (hasEncryption(saved) && !encrypted(draft)));
  const keys = draft.keys.map((key, slot) => {
    if (key === null || !writesKeys) return key;
    const fresh = draft.known.has(slot as HeaderSlot);
    const refreshed = fresh && !draft.added.has(slot as HeaderSlot);
    return { ...key, fresh, counter: key.counter + (refreshed ? 1 : 0) };
  }) as [ModelKey | null, ModelKey | null];
  const sealed = [...draft.files].filter(([, file]) => file.sealed).map(([fileId]) => fileId);
  const after: Saved = {
    files: draft.files,
    keys,
    reprovisioned: draft.reprovisioned,
    keyed: writesKeys ? new Set(sealed) : saved.keyed,
  };
  const contents = [...draft.written]
    .sort((a, b) => a - b)
    .map((id) => draft.files.get(id)?.content.length ?? 0);
  const writes = draft.tables ? [TABLE_BYTES, ...contents, ...(writesKeys ? [TABLE_BYTES] : [])] : [];
  const touchesKeys = changes.some(({ kind }) => KEY_CHANGES.includes(kind));
  const before: Before = {
    saved,
    sameKeys: !writesKeys && !touchesKeys,
    sameTables: !draft.tables,
  };
  return { session: { saved: after, keySlot: draft.keySlot, before }, writes };
}

function apply(draft: Draft, change: ModelChange): void {
  switch (change.kind) {
    case "write":
      applyWrite(draft, change);
      break;
    case "delete":
      applyDelete(draft, change.fileId);
      break;
    case "relocate":
      draft.written.add(change.fileId);
      draft.tables = true;
      break;
    case "move":
      applyMove(draft, change);
      break;
    case "addKey":
      applyAddKey(draft, change.key);
      break;
    case "removeKey":
      applyRemoveKey(draft, change.keySlot);
      break;
    case "removeEncryption":
      if (!encrypted(draft)) refuse("VMGS_NOT_ENCRYPTED");
      if (locked(draft)) refuse("VMGS_NEEDS_UNLOCK");
      endEncryption(draft);
      break;
    case "markReprovisioned":
      draft.reprovisioned = change.value;
      break;
  }
}

function applyDelete(draft: Draft, fileId: number): void {
  checkId(fileId);
  if (!draft.files.delete(fileId)) refuse("VMGS_FILE_NOT_ALLOCATED");
  draft.written.delete(fileId);
  draft.tables = true;
}

function checkId(fileId: number): void {
  if (fileId < 1 || fileId > 62) refuse("VMGS_INVALID_FILE_ID");
}

function applyWrite(draft: Draft, change: ModelChange & { kind: "write" }): void {
  const { fileId, content, encrypt, overwriteEncrypted } = change;
  checkId(fileId);
  if (encrypt && locked(draft)) refuse("VMGS_NEEDS_UNLOCK");
  const sealed = encrypt && encrypted(draft);
  if (draft.files.get(fileId)?.sealed && !sealed && !overwriteEncrypted) refuse("VMGS_OVERWRITE_ENCRYPTED");
  draft.files.set(fileId, { content, sealed });
  draft.written.add(fileId);
  draft.tables = true;
}

function applyMove(draft: Draft, { fileId, to, overwrite }: ModelChange & { kind: "move" }): void {
  checkId(fileId);
  checkId(to);
  if (draft.files.has(to) && !overwrite) refuse("VMGS_FILE_ALLOCATED");
  const file = draft.files.get(fileId);
  if (file === undefined) refuse("VMGS_FILE_NOT_ALLOCATED");
  if (locked(draft)) refuse("VMGS_NEEDS_UNLOCK");
  if (fileId === to) return;
  draft.files.delete(fileId);
  draft.files.set(to, file);
  draft.written.delete(to);
  if (draft.written.delete(fileId)) draft.written.add(to);
  draft.tables = true;
}

function applyAddKey(draft: Draft, key: KeyNumber): void {
  if (locked(draft)) refuse("VMGS_NEEDS_UNLOCK");
  if (draft.keys.every((slot) => slot !== null)) refuse("VMGS_KEYS_FULL");
  if (!encrypted(draft)) draft.tables = true;
  const slot: HeaderSlot = draft.keys[0] === null ? 0 : 1;
  draft.keys[slot] = { key, fresh: true, counter: 0 };
  draft.added.add(slot);
  draft.known.add(slot);
  draft.keySlot = slot;
}

function applyRemoveKey(draft: Draft, keySlot: HeaderSlot): void {
  if (!encrypted(draft)) refuse("VMGS_NOT_ENCRYPTED");
  if (locked(draft)) refuse("VMGS_NEEDS_UNLOCK");
  if (draft.keys[keySlot] === null) refuse("VMGS_KEY_SLOT_EMPTY");
  if (draft.keys.some((key) => key === null)) {
    endEncryption(draft);
    return;
  }
  if (keySlot === draft.keySlot) refuse("VMGS_KEY_IN_USE");
  draft.keys[keySlot] = null;
  draft.known.delete(keySlot);
  draft.added.delete(keySlot);
}

function endEncryption(draft: Draft): void {
  if ([...draft.files.values()].some(({ sealed }) => sealed)) refuse("VMGS_LAST_KEY");
  draft.keys.fill(null);
  draft.known.clear();
  draft.keySlot = null;
  draft.tables = true;
}
