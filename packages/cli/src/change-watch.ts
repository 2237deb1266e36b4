/** What is known of what a command has changed so far. Errors say it, and never guess. */

import type { WritableDisk, WritableStore } from "vmgskit";

/** How far the change of a file is. */
export type ChangeState =
  | { readonly state: "none" }
  /** `sequence` of the store afterwards; null when no store was changed, but a bare file or a folder. */
  | { readonly state: "done"; readonly sequence: number | null }
  /** Something was written, and whether it counts is not known. */
  | { readonly state: "unknown" };

/** The change of one thing: a store, a folder, a TPM. */
export interface KnownChange {
  /** Its path, or the address of the TPM. */
  readonly file: string;
  readonly isStore: boolean;
  readonly state: ChangeState;
}

/** Keeps what a command knows of its change. */
export interface ChangeWatch {
  /** What is known now; null for a command that has not begun to change anything. */
  known(): KnownChange | null;
  /** From now on the store's sequence number decides: if it is higher, a change was committed, whatever else failed. */
  followStore(file: string, store: WritableStore): void;
  /** Every write to the disk that is returned makes the change unknown, until it is done. */
  followDisk<T extends WritableDisk>(file: string, disk: T): T;
  /** Something is about to be written that can't be followed. `isStore` is true by default. */
  begun(file: string, isStore?: boolean): void;
  done(file: string, sequence: number | null): void;
  /** What was written was taken back. */
  undone(file: string): void;
}

export function watchChanges(): ChangeWatch {
  let known: (() => KnownChange) | null = null;
  const set = (file: string, state: ChangeState, isStore = true) => {
    known = () => ({ file, isStore, state });
  };
  return {
    known: () => known?.() ?? null,
    followStore(file, store) {
      const before = store.state.header.sequence;
      known = () => {
        const { sequence } = store.state.header;
        const state: ChangeState = sequence === before ? { state: "none" } : { state: "done", sequence };
        return { file, isStore: true, state };
      };
    },
    followDisk(file, disk) {
      set(file, { state: "none" });
      return {
        ...disk,
        write(offset: number, bytes: Uint8Array) {
          set(file, { state: "unknown" });
          return disk.write(offset, bytes);
        },
      };
    },
    begun: (file, isStore) => set(file, { state: "unknown" }, isStore),
    done: (file, sequence) => set(file, { state: "done", sequence }),
    undone: (file) => set(file, { state: "none" }),
  };
}
