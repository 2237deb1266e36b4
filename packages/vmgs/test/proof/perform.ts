/** Does an operation to a real store. */

import {
  type Change,
  type ErrorCode,
  isVmgsError,
  openWritableStore,
  resumeStore,
  Secret,
  saveStore,
  type WritableDisk,
  type WritableStore,
} from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { type KeyNumber, keyBytes, type ModelChange, type Operation } from "./operations.ts";

export interface Performed {
  /** The store to go on with: another one after opening again. */
  readonly store: WritableStore;
  /** The code of the refusal, or null. */
  readonly code: ErrorCode | null;
}

/** Opens a store, unlocked when a key is given. */
export const openAgain = (disk: WritableDisk, key: KeyNumber | null): Promise<WritableStore> =>
  openWritableStore(disk, { cipher: nodeCipher, ...(key !== null && { key: keyBytes(key) }) });

/** Does an operation. Errors that are not this library's are thrown. */
export async function perform(
  store: WritableStore,
  disk: WritableDisk,
  operation: Operation,
): Promise<Performed> {
  try {
    return { store: await act(store, disk, operation), code: null };
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    return { store, code: error.code };
  }
}

/** The same, with all errors thrown. Returns the store to go on with. */
export async function act(
  store: WritableStore,
  disk: WritableDisk,
  operation: Operation,
): Promise<WritableStore> {
  switch (operation.kind) {
    case "commit": {
      const { changes, wipe } = operation;
      const [only] = changes;
      if (changes.length === 1 && only !== undefined) await actAlone(store, only, wipe);
      else await store.commit(changes.map(changeOf), { wipe });
      return store;
    }
    case "updateKey":
      await store.updateKey(keyBytes(operation.key));
      return store;
    case "wipe":
      await store.wipe();
      return store;
    case "decryptAll":
      await store.decryptAll({ wipe: operation.wipe });
      return store;
    case "undo":
      await store.undo(operation.key === null ? {} : { key: keyBytes(operation.key) });
      return store;
    case "reopen":
      return openAgain(disk, operation.key);
    case "resume":
      return resumeStore(disk, saveStore(store), { cipher: nodeCipher });
  }
}

/** A single change through the method that is named after it. */
async function actAlone(store: WritableStore, change: ModelChange, wipe: boolean): Promise<void> {
  switch (change.kind) {
    case "write":
      if (change.encrypt && !change.overwriteEncrypted) {
        return store.writeEncrypted(change.fileId, change.content, { wipe });
      }
      if (change.encrypt) break;
      return store.write(change.fileId, change.content, {
        wipe,
        overwriteEncrypted: change.overwriteEncrypted,
      });
    case "relocate":
      break;
    case "delete":
      return store.delete(change.fileId, { wipe });
    case "move":
      return store.move(change.fileId, change.to, { wipe, overwrite: change.overwrite });
    case "addKey":
      return store.addKey(keyBytes(change.key));
    case "removeKey":
      return store.removeKey(change.keySlot);
  }
  await store.commit([changeOf(change)], { wipe });
}

function changeOf(change: ModelChange): Change {
  return change.kind === "addKey" ? { kind: "addKey", key: new Secret(keyBytes(change.key)) } : change;
}
