/** The list of dynamic entries: where each one lies, and where the list ends or breaks. */

import { decode, u32 } from "../../layout/index.ts";
import { ENTRY_HEADER_SIZE, entryHeader, TERMINATOR_SIZE, terminator } from "./entry-layout.ts";
import { hasRoomForEnd } from "./nv-memory.ts";
import { ENTRIES_OFFSET } from "./state-layout.ts";

const SIZE_FIELD = 4;

/** Where an entry lies. */
export interface EntryPlace {
  /** Bytes from the start of the state. */
  readonly offset: number;
  /** Bytes of the entry, as it says. */
  readonly entryBytes: number;
  /** NV index or persistent object. */
  readonly handle: number;
}

/** Why the list of entries can't be followed further. */
export interface Corruption {
  /** Bytes from the start of the state. */
  readonly offset: number;
  /**
   * `entry-too-small`: a size below 8; `entry-past-end`: a size that runs past the end of the state.
   */
  readonly kind: "entry-too-small" | "entry-past-end";
  /** Size that the broken entry claims, in bytes. */
  readonly claimedBytes: number;
}

/** The list of entries. */
export interface EntryList {
  readonly entries: readonly EntryPlace[];
  /** Offset of the terminator, or of the broken entry. */
  readonly end: number;
  readonly corruption: Corruption | null;
  /** Highest value that any counter ever had; null when the list is broken, or ends too late for the engine to read it. */
  readonly maxCounter: bigint | null;
}

/** What a small state has no room for is zero in the engine's memory. */
function maxCounterAt(state: Uint8Array, end: number): bigint {
  const bytes = new Uint8Array(TERMINATOR_SIZE);
  bytes.set(state.subarray(end, end + TERMINATOR_SIZE));
  return decode(terminator, bytes).maxCounter;
}

/** Follows the list. Every step is at least 8 bytes, so it ends. A list that ends too late is not broken. */
export function walkEntries(state: Uint8Array): EntryList {
  const entries: EntryPlace[] = [];
  let offset = ENTRIES_OFFSET;
  const broken = (kind: Corruption["kind"], claimedBytes: number): EntryList => ({
    entries,
    end: offset,
    corruption: { offset, kind, claimedBytes },
    maxCounter: null,
  });
  for (;;) {
    const left = state.length - offset;
    const size = left < SIZE_FIELD ? 0 : decode(u32, state, offset);
    if (size === 0) {
      const maxCounter = hasRoomForEnd(state.length, offset) ? maxCounterAt(state, offset) : null;
      return { entries, end: offset, corruption: null, maxCounter };
    }
    if (size < ENTRY_HEADER_SIZE) return broken("entry-too-small", size);
    if (size > left) return broken("entry-past-end", size);
    entries.push({ offset, entryBytes: size, handle: decode(entryHeader, state, offset).handle });
    offset += size;
  }
}
