/** A store that can be changed, in crash-safe transactions. For one user at a time: share it through a broker. */

import {
  checkBytes,
  checkFlag,
  checkList,
  checkNumber,
  checkSignal,
  checkWhole,
  optional,
  optionsOf,
} from "../arguments/index.ts";
import { checkWritableDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { type HeaderSlot, otherSlot, type ProvisioningReason } from "../format/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import { type Cipher, run, type Steps, webCipher } from "../steps/index.ts";
import { type Change, checkChange } from "./change.ts";
import { checkWritable } from "./draft.ts";
import { discardTornHeader, verifyUnchanged, writeCommit, writeContent } from "./execute.ts";
import { listFiles } from "./files.ts";
import { relocationSteps } from "./leftovers.ts";
import { openSteps } from "./open-steps.ts";
import { readFileSteps, readMarkerSteps, readRawSteps } from "./read-steps.ts";
import { contentForm, isEncrypted, type StoreState, usedKeySlots } from "./state.ts";
import { checkOpenOptions, type OpenOptions, type Store } from "./store.ts";
import { type Transaction, transactionSteps } from "./transaction.ts";
import { undoSteps } from "./undo.ts";
import { unlockSteps } from "./unlock-steps.ts";
import { type WipePlan, wipePlanSteps, wipeUnused } from "./wipe.ts";

/** How a transaction is carried out. */
export interface CommitOptions {
  /**
   * After the commit, overwrite all free blocks and all slack of the store with zeros. The previous generation is lost.
   * When that fails the change is done all the same: VMGS_WIPE_INCOMPLETE.
   */
  readonly wipe?: boolean;
  /** Gives up before the commit: the store is then as it was. Later it ends wiping only. */
  readonly signal?: AbortSignal;
}

/** How a file is written. */
export interface WriteOptions extends CommitOptions {
  /** Let a plain write replace an encrypted file. */
  readonly overwriteEncrypted?: boolean;
}

/** How a file is given another ID. */
export interface MoveOptions extends CommitOptions {
  /** Let the file replace another one. */
  readonly overwrite?: boolean;
}

/** How a store goes back to the generation before. */
export interface UndoOptions {
  /** Datastore key of the generation before, when it is another one than the store was opened with. */
  readonly key?: Uint8Array | Secret;
  /** Gives up before the commit: the store is then as it was. */
  readonly signal?: AbortSignal;
}

const checkUndoOptions = optional(optionsOf({ key: checkKey, signal: checkSignal }));
const commitChecks = { wipe: checkFlag, signal: checkSignal };
const checkCommitOptions = optional(optionsOf(commitChecks));
const checkCommit = (options: CommitOptions | undefined) => checkCommitOptions(options, "options");
const checkWriteOptions = optionsOf({ ...commitChecks, overwriteEncrypted: checkFlag });
const checkMoveOptions = optionsOf({ ...commitChecks, overwrite: checkFlag });

/**
 * A store that was opened for writing. Every method that changes it is one transaction: after a failure, or a crash
 * at any point, the store is as before or as after, never between. All throw VMGS_STORE_BUSY while another change is
 * under way, VMGS_CHANGED_UNDERNEATH when another program wrote the disk, and VMGS_STORE_UNCERTAIN after a commit that
 * failed half way.
 */
export interface WritableStore extends Store {
  /** Why the store was formatted in this session, or null when it was not. */
  readonly provisioningReason: ProvisioningReason | null;
  /** What a list of changes would do; nothing is written. Errors as `commit`. */
  plan(changes: readonly Change[], options?: Pick<CommitOptions, "wipe">): Promise<Transaction>;
  /** Commits several changes as one transaction. @throws VmgsError VMGS_WIPE_INCOMPLETE */
  commit(changes: readonly Change[], options?: CommitOptions): Promise<Transaction>;
  /** Writes a file in plain. @throws VmgsError VMGS_OVERWRITE_ENCRYPTED, VMGS_INSUFFICIENT_SPACE, VMGS_INVALID_FILE_ID */
  write(fileId: number, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /** Writes a file encrypted; in plain when the store has no encryption. @throws VmgsError VMGS_NEEDS_UNLOCK */
  writeEncrypted(fileId: number, content: Uint8Array, options?: CommitOptions): Promise<void>;
  /** @throws VmgsError VMGS_FILE_NOT_ALLOCATED, VMGS_FILE_ALLOCATED, VMGS_NEEDS_UNLOCK */
  move(fileId: number, to: number, options?: MoveOptions): Promise<void>;
  /** @throws VmgsError VMGS_FILE_NOT_ALLOCATED */
  delete(fileId: number, options?: CommitOptions): Promise<void>;
  /** Adds a datastore key. The first one begins encryption; files that exist stay plain. @throws VmgsError VMGS_KEYS_FULL */
  addKey(key: Uint8Array | Secret): Promise<void>;
  /** Clears a key slot. @throws VmgsError VMGS_KEY_SLOT_EMPTY, VMGS_KEY_IN_USE, VMGS_LAST_KEY */
  removeKey(keySlot: HeaderSlot): Promise<void>;
  /** Replaces all keys with one. @throws VmgsError VMGS_NEEDS_UNLOCK */
  updateKey(key: Uint8Array | Secret): Promise<void>;
  /** Rewrites every encrypted file in plain and removes encryption, in one transaction. @throws VmgsError VMGS_NEEDS_UNLOCK */
  decryptAll(options?: CommitOptions): Promise<Transaction>;
  /**
   * Goes back to the generation before: one new header, the next sequence number. The generation that was left is then
   * the one before, so that a second undo goes forward again. Needs the key when the two have other key slots. A plain
   * file has no checksum: what a change that was interrupted wrote over it is not noticed.
   *
   * @throws VmgsError VMGS_NO_PREVIOUS_GENERATION, VMGS_GENERATION_WIPED, VMGS_UNDO_IMPOSSIBLE, VMGS_NEEDS_UNLOCK,
   * VMGS_WRONG_KEY
   */
  undo(options?: UndoOptions): Promise<Transaction>;
  /** What `undo` would do; nothing is written. Errors as `undo`. */
  planUndo(options?: UndoOptions): Promise<Transaction>;
  /** What `wipe` would do; nothing is written. Errors as `wipe`. */
  planWipe(): Promise<WipePlan>;
  /**
   * Overwrites all free blocks and all slack with zeros: nothing of older generations is left. Needs no key.
   *
   * @throws VmgsError VMGS_WIPE_INCOMPLETE, VMGS_OVERLAPPING_FILES, VMGS_INCONSISTENT_FILE_TABLE,
   * VMGS_INSUFFICIENT_SPACE when a file has to move first
   */
  wipe(options?: Pick<CommitOptions, "signal">): Promise<WipePlan>;
}

/** What a store starts from when it was not just opened. */
export interface InitialState {
  readonly state: StoreState;
  readonly provisioningReason?: ProvisioningReason;
}

/**
 * Opens a store for writing. Opening writes nothing.
 *
 * @throws VmgsError as `openStore`; VMGS_SECTOR_SIZE_UNKNOWN for a raw image that does not record its sector size
 */
export async function openWritableStore(
  disk: WritableDisk,
  options: Pick<OpenOptions, "cipher" | "key"> = {},
): Promise<WritableStore> {
  checkWritableDisk(disk, "disk");
  checkOpenOptions(options, "options");
  const { cipher = webCipher, key } = options;
  checkSectorSize(disk);
  const state = await run(openSteps(disk), disk, cipher);
  const store = writableStore(disk, { state }, cipher);
  if (key !== undefined) await store.unlock(key);
  return store;
}

/** @throws VmgsError VMGS_SECTOR_SIZE_UNKNOWN */
export function checkSectorSize(disk: WritableDisk): void {
  checkWritableDisk(disk, "disk");
  const { container } = disk;
  if (container.sectorSizeKnown) return;
  throw new VmgsError(
    "VMGS_SECTOR_SIZE_UNKNOWN",
    "the raw image has only its first header, so its sector size is not known, and the next header would be misplaced",
  );
}

/** A writable store over a state that is already known. */
export function writableStore(
  disk: WritableDisk,
  initial: InitialState,
  cipher: Cipher = webCipher,
): WritableStore {
  const { provisioningReason = null } = initial;
  let { state } = initial;
  let busy = false;
  let uncertain = false;
  /** A change that did not commit has written over free blocks, which the generation before may own. */
  let interrupted = false;

  const drive = <T>(steps: Steps<T>) => run(steps, disk, cipher);
  const reading = <T>(steps: (state: StoreState) => Steps<T>): Promise<T> => {
    if (busy) return Promise.reject(busyError());
    return drive(steps(state));
  };

  async function alone<T>(change: () => Promise<T>): Promise<T> {
    if (busy) throw busyError();
    if (uncertain) {
      throw new VmgsError("VMGS_STORE_UNCERTAIN", "an earlier commit failed half way; open the store again");
    }
    busy = true;
    try {
      return await change();
    } finally {
      busy = false;
    }
  }

  async function transact(changes: readonly Change[], options: CommitOptions = {}): Promise<Transaction> {
    const transaction = await drive(plannedSteps(state, changes, options));
    await verifyUnchanged(disk, state);
    if (transaction.commit !== null) await write(transaction, options);
    if (options.wipe) await wipeUnused(disk, state, options.signal);
    return transaction;
  }

  async function write(transaction: Transaction, options: CommitOptions): Promise<void> {
    await discardTornHeader(disk, state);
    interrupted ||= transaction.content.length > 0;
    await writeContent(disk, transaction, options.signal);
    options.signal?.throwIfAborted();
    uncertain = true;
    try {
      await writeCommit(disk, transaction);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new VmgsError(
        "VMGS_STORE_UNCERTAIN",
        `writing the header that commits failed: ${why}`,
        {},
        { cause },
      );
    }
    uncertain = false;
    interrupted = false;
    state = transaction.next;
  }

  async function planUndo({ key }: UndoOptions): Promise<Transaction> {
    if (interrupted) {
      const message = "a change that did not come to its commit may have overwritten the previous generation";
      throw new VmgsError("VMGS_UNDO_IMPOSSIBLE", message);
    }
    return drive(undoSteps(state, key === undefined ? undefined : datastoreKey(key)));
  }

  async function undo(options: UndoOptions): Promise<Transaction> {
    const transaction = await planUndo(options);
    await verifyUnchanged(disk, state);
    await write(transaction, options);
    return transaction;
  }

  async function planWipe(): Promise<WipePlan> {
    checkWritable(state);
    const plan = await drive(wipePlanSteps(state));
    if (plan.relocated.length > 0) await drive(plannedSteps(state, [], { wipe: true }));
    return plan;
  }

  async function wipe({ signal }: Pick<CommitOptions, "signal"> = {}): Promise<WipePlan> {
    const plan = await planWipe();
    if (plan.relocated.length > 0) {
      await transact([], { wipe: true, ...(signal && { signal }) });
      return plan;
    }
    await verifyUnchanged(disk, state);
    signal?.throwIfAborted();
    // The writer before may not have flushed its header: a power failure must not go back to what is wiped now.
    await disk.flush();
    await wipeUnused(disk, state, signal);
    return plan;
  }

  async function updateKey(key: Secret): Promise<void> {
    const before = state.unlocked;
    if (isEncrypted(state) && before !== null && usedKeySlots(state.header).length === 2) {
      await transact([{ kind: "removeKey", keySlot: otherSlot(before.keySlot) }]);
    }
    await transact([{ kind: "addKey", key }]);
    if (before !== null) await transact([{ kind: "removeKey", keySlot: before.keySlot }]);
  }

  async function decryptAll(options?: CommitOptions): Promise<Transaction> {
    const changes: Change[] = [];
    for (const { id } of listFiles(state)) {
      const record = state.files.get(id);
      if (record === undefined || contentForm(state, record).kind === "plain") continue;
      const content = await drive(readFileSteps(state, id));
      changes.push({ kind: "write", fileId: id, content, overwriteEncrypted: true });
    }
    return transact([...changes, { kind: "removeEncryption" }], options);
  }

  const commit = (changes: readonly Change[], options?: CommitOptions) =>
    alone(() => transact(changes, options));
  const commitOne = async (change: Change, options?: CommitOptions) => {
    await commit([change], options);
  };
  return {
    get state() {
      return state;
    },
    get files() {
      return listFiles(state);
    },
    provisioningReason,
    unlock: async (key) => {
      const secret = datastoreKey(key);
      await alone(async () => {
        state = await drive(unlockSteps(state, secret));
      });
    },
    readFile: (fileId, options) => reading((now) => readFileSteps(now, fileId, options)),
    readRaw: (fileId, options) => reading((now) => readRawSteps(now, fileId, options)),
    readMarker: () => reading(readMarkerSteps),
    plan: async (changes, options) => {
      checkList(changes, "changes", checkChange);
      checkCommit(options);
      return reading((now) => plannedSteps(now, changes, options));
    },
    commit: async (changes, options) => {
      checkList(changes, "changes", checkChange);
      checkCommit(options);
      return commit(changes, options);
    },
    write: async (fileId, content, options = {}) => {
      checkNumber(fileId, "fileId");
      checkBytes(content, "content");
      checkWriteOptions(options, "options");
      const { overwriteEncrypted = false, ...others } = options;
      await commitOne({ kind: "write", fileId, content, overwriteEncrypted }, others);
    },
    writeEncrypted: async (fileId, content, options) => {
      checkNumber(fileId, "fileId");
      checkBytes(content, "content");
      checkCommit(options);
      await commitOne({ kind: "write", fileId, content, encrypt: true }, options);
    },
    move: async (fileId, to, options = {}) => {
      checkNumber(fileId, "fileId");
      checkNumber(to, "to");
      checkMoveOptions(options, "options");
      const { overwrite = false, ...others } = options;
      await commitOne({ kind: "move", fileId, to, overwrite }, others);
    },
    delete: async (fileId, options) => {
      checkNumber(fileId, "fileId");
      checkCommit(options);
      await commitOne({ kind: "delete", fileId }, options);
    },
    addKey: async (key) => commitOne({ kind: "addKey", key: datastoreKey(key) }),
    removeKey: async (keySlot) => {
      checkWhole(keySlot, "keySlot", 1);
      await commitOne({ kind: "removeKey", keySlot });
    },
    updateKey: async (key) => {
      const secret = datastoreKey(key);
      await alone(() => updateKey(secret));
    },
    decryptAll: async (options) => {
      checkCommit(options);
      return alone(() => decryptAll(options));
    },
    undo: async (options = {}) => {
      checkUndoOptions(options, "options");
      return alone(() => undo(options));
    },
    planUndo: async (options = {}) => {
      checkUndoOptions(options, "options");
      return alone(() => planUndo(options));
    },
    planWipe: () => alone(planWipe),
    wipe: async (options) => {
      checkCommit(options);
      return alone(() => wipe(options));
    },
  };
}

/** A transaction after which everything old can be wiped moves files away that are in the way of that. */
function* plannedSteps(
  state: StoreState,
  changes: readonly Change[],
  { wipe = false }: Pick<CommitOptions, "wipe"> = {},
): Steps<Transaction> {
  const relocations = wipe ? yield* relocationSteps(state) : [];
  return yield* transactionSteps(state, [...relocations, ...changes]);
}

function busyError(): VmgsError {
  return new VmgsError("VMGS_STORE_BUSY", "another change of this store is under way");
}
