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
}

/** What is on the disk, and so what a power failure must leave completely. */
export interface Saved {
  readonly files: ReadonlyMap<number, ModelFile>;
  readonly keys: readonly [ModelKey | null, ModelKey | null];
  readonly reprovisioned: boolean;
  /** Files that the extended file table calls encrypted: while a store is locked it falls behind. */
  readonly keyed: ReadonlySet<number>;
}

/** A store that is open: what is on the disk, and the key slot that opened it, or null. */
export interface Session {
  readonly saved: Saved;
  readonly keySlot: HeaderSlot | null;
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
    return { kind: "done", states, session: now, writes };
  } catch (refusal) {
    if (refusal instanceof Refusal) return { kind: "refused", code: refusal.code };
    throw refusal;
  }
}

function reopened(session: Session, operation: Operation): Session {
  const { saved } = session;
  if (operation.kind !== "reopen") return session;
  if (operation.key === null) return { saved, keySlot: null };
  if (!hasEncryption(saved)) refuse("VMGS_NOT_ENCRYPTED");
  const slot = slotOf(saved, operation.key);
  if (slot === null) refuse("VMGS_WRONG_KEY");
  if (slot === "stale") refuse("VMGS_EXTENDED_FILE_TABLE");
  return { saved, keySlot: slot };
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
  keySlot: HeaderSlot | null;
  reprovisioned: boolean;
  tables: boolean;
}

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
    keySlot,
    reprovisioned: saved.reprovisioned,
    tables: false,
  };
  for (const change of changes) apply(draft, change);
  const writesKeys = draft.tables && (draft.keySlot !== null || (hasEncryption(saved) && !encrypted(draft)));
  const keys = draft.keys.map((key, slot) => {
    if (key === null || !writesKeys) return key;
    return { ...key, fresh: draft.known.has(slot as HeaderSlot) };
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
  return { session: { saved: after, keySlot: draft.keySlot }, writes };
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
  draft.keys[slot] = { key, fresh: true };
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
}

function endEncryption(draft: Draft): void {
  if ([...draft.files.values()].some(({ sealed }) => sealed)) refuse("VMGS_LAST_KEY");
  draft.keys.fill(null);
  draft.known.clear();
  draft.keySlot = null;
  draft.tables = true;
}
