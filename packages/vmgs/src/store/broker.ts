/** One open store, several users: their requests are served one after the other (spec: saved state and sharing). */

import { checkNumber, checkObject } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { checkUserFileId, describeFileId } from "../format/index.ts";
import type { StoreFile } from "./files.ts";
import { saveStore } from "./saved-state.ts";
import type { WritableStore, WriteOptions } from "./writable-store.ts";

/** What a user of a shared store can do. Errors are those of the store; VMGS_FILE_NOT_ALLOCATED means that there is no such file. */
export interface StoreClient {
  /** @throws VmgsError VMGS_INVALID_FILE_ID, VMGS_FILE_NOT_ALLOCATED */
  info(fileId: number): Promise<StoreFile>;
  /** The content of a file, as `readFile` of a store. */
  read(fileId: number): Promise<Uint8Array>;
  /** Gives a file new content, as `writeFile` of a store. */
  write(fileId: number, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /** Gives a file new content, encrypted; needs an unlocked store. */
  writeEncrypted(fileId: number, content: Uint8Array): Promise<void>;
  /** Removes a file. */
  delete(fileId: number): Promise<void>;
  /** The saved state, as of all requests before this one. Holds secrets: see `saveStore`. */
  save(): Promise<Uint8Array>;
}

/** Serves several users of one store, one request after the other. */
export interface StoreBroker extends StoreClient {
  /** Serves what was asked for so far, then refuses: VMGS_BROKER_CLOSED. */
  close(): Promise<void>;
}

/** Takes over a store; from now on it must only be used through the broker. */
export function shareStore(store: WritableStore): StoreBroker {
  checkObject(store, "store", "state", "files", "commit");
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function inTurn<T>(request: () => Promise<T>): Promise<T> {
    if (closed)
      return Promise.reject(new VmgsError("VMGS_BROKER_CLOSED", "the broker of this store was closed"));
    const answer = last.then(request, request);
    last = answer.catch(() => undefined);
    return answer;
  }

  return {
    info: (fileId) => inTurn(async () => fileInfo(store, fileId)),
    read: (fileId) => inTurn(async () => store.readFile(fileId)),
    write: (fileId, content, options) => inTurn(() => store.write(fileId, content, options)),
    writeEncrypted: (fileId, content) => inTurn(() => store.writeEncrypted(fileId, content)),
    delete: (fileId) => inTurn(() => store.delete(fileId)),
    save: () => inTurn(async () => saveStore(store)),
    async close() {
      closed = true;
      await last;
    },
  };
}

function fileInfo(store: WritableStore, fileId: number): StoreFile {
  checkNumber(fileId, "fileId");
  checkUserFileId(fileId);
  const file = store.files.find(({ id }) => id === fileId);
  if (file !== undefined) return file;
  throw new VmgsError("VMGS_FILE_NOT_ALLOCATED", `the store has no ${describeFileId(fileId)}`, { fileId });
}
