/** Room for persistent objects (checked against TPM_PT_HR_PERSISTENT_AVAIL of the reference engine). */

import { decode } from "../../layout/index.ts";
import { handleType, nvIndexType, TPM_HT, TPM_NT } from "../protocol/index.ts";
import { NV_INDEX_ENTRY_SIZE, nvIndexEntry, OBJECT_ENTRY_SIZE } from "./entry-layout.ts";

/** Counters for which the engine keeps room, and bytes of one: an index with a number of 8 bytes. */
const COUNTERS_KEPT = 8;
const COUNTER_ENTRY_SIZE = NV_INDEX_ENTRY_SIZE + 8;

/** Persistent objects that fit so many free bytes beside so many counters. Negative: not even the counters do. */
export function objectsThatFit(freeBytes: number, counters: number): number {
  const kept = Math.max(0, COUNTERS_KEPT - counters) * COUNTER_ENTRY_SIZE;
  return Math.floor((freeBytes - kept) / OBJECT_ENTRY_SIZE);
}

/** Counts the indices that count. */
export function countCounters(
  memory: Uint8Array,
  entries: readonly { readonly offset: number; readonly handle: number }[],
): number {
  return entries.filter(({ offset, handle }) => {
    if (handleType(handle) !== TPM_HT.NV_INDEX || offset + NV_INDEX_ENTRY_SIZE > memory.length) return false;
    return nvIndexType(decode(nvIndexEntry, memory, offset).attributes) === TPM_NT.COUNTER;
  }).length;
}
