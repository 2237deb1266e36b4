/** The repair of a truncated list of entries (spec: tpm, engine and helper; tpm-nvram, dynamic entries). */

import { checkBytes } from "../../arguments/index.ts";
import { type Corruption, walkEntries } from "./entries.ts";
import { checkStateSize } from "./state-size.ts";

/** What a repair took away. */
export interface Cut {
  /** Bytes from the start of the state; everything from here on is zero now. */
  readonly offset: number;
  /** Bytes that were zeroed. */
  readonly bytes: number;
  /** Why. */
  readonly corruption: Corruption;
}

/** A repaired state. */
export interface RepairedTpmState {
  /** New bytes, as many as before. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null when nothing was broken. */
  readonly cut: Cut | null;
}

/**
 * Cuts the list of entries where it breaks, as the first boot does: all bytes from there on become zero. That also
 * resets the highest counter value, which can't be read from a broken list. A sound state is returned as it is.
 *
 * @throws VmgsError VMGS_TPM_STATE_SIZE
 */
export function repairTpmState(state: Uint8Array): RepairedTpmState {
  checkBytes(state, "state");
  checkStateSize(state.length);
  const bytes = new Uint8Array(state);
  const { corruption } = walkEntries(state);
  if (corruption === null) return { bytes, cut: null };
  const { offset } = corruption;
  bytes.fill(0, offset);
  return { bytes, cut: { offset, bytes: state.length - offset, corruption } };
}
