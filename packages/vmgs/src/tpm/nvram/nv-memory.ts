/**
 * The NV memory of the engine, revision 1.38: 32 KiB, into which a state is copied, and how the engine finds its way
 * in it. It is not the way of `walkEntries`: offsets are counted modulo 2^32, and nothing looks at the state's length
 * (spec: tpm-nvram, what was seen by running the engine).
 */

import { decode, u32 } from "../../layout/index.ts";
import { TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import { ENTRY_HEADER_SIZE, entryHeader, ORDERLY_RAM_ENTRY_SIZE, TERMINATOR_SIZE } from "./entry-layout.ts";
import { ENTRIES_OFFSET } from "./state-layout.ts";

/** Bytes of the engine's NV memory, whatever the size of the state. */
const NV_MEMORY_SIZE = TPM_NVRAM_SIZE.current;
const SIZE_FIELD = 4;

/** The NV memory with a state in it: zeros follow a small one. */
export function loadNvMemory(state: Uint8Array): Uint8Array {
  const memory = new Uint8Array(NV_MEMORY_SIZE);
  memory.set(state.subarray(0, NV_MEMORY_SIZE));
  return memory;
}

/** Whether the end of a list lies where the engine can read it; the last byte of its memory is out of reach. */
export function hasRoomForEnd(stateBytes: number, end: number): boolean {
  if (stateBytes < NV_MEMORY_SIZE) return true;
  return end + TERMINATOR_SIZE < stateBytes;
}

/** An entry as the engine sees it. */
export interface EngineEntry {
  readonly offset: number;
  readonly size: number;
  readonly handle: number;
}

/** How the engine gets through the list. */
export interface EngineWalk {
  readonly entries: readonly EngineEntry[];
  /** `ends`; `leaves`: the next entry is outside the memory; `loops`: it never ends. */
  readonly outcome: "ends" | "leaves" | "loops";
  /** Where it ended, or the last entry before it went astray. */
  readonly offset: number;
}

/** Follows the list as the engine does. Each place is visited once, so it ends. */
export function walkAsEngine(memory: Uint8Array): EngineWalk {
  const entries: EngineEntry[] = [];
  const visited = new Set<number>();
  let offset = ENTRIES_OFFSET;
  let last = offset;
  for (;;) {
    if (offset + ENTRY_HEADER_SIZE >= memory.length) return { entries, outcome: "leaves", offset: last };
    if (visited.has(offset)) return { entries, outcome: "loops", offset: last };
    visited.add(offset);
    const { size, handle } = decode(entryHeader, memory, offset);
    if (size === 0) return { entries, outcome: "ends", offset };
    entries.push({ offset, size, handle });
    last = offset;
    offset = (offset + size) >>> 0;
  }
}

/** Where the RAM copy of the orderly indices leads out of its region, in bytes from its start; null when it does not. */
export function orderlyRamOverrun(region: Uint8Array): number | null {
  let offset = 0;
  while (offset + ORDERLY_RAM_ENTRY_SIZE <= region.length) {
    const size = decode(u32, region, offset);
    if (size === 0) return null;
    if (size > region.length - offset) return offset;
    offset += size;
  }
  return null;
}

/** A state after what the boot does to one of 16 KiB, and where that began to zero. */
export interface BootRepair {
  readonly state: Uint8Array;
  /** Null when nothing is zeroed. */
  readonly cutAt: number | null;
}

/**
 * The repair that a boot makes before the engine starts, to states of 16 KiB only. Unlike `repairTpmState` it takes a
 * size below 8 for good, and so may cut after the broken entry, or not at all.
 */
export function repairAsBoot(state: Uint8Array): BootRepair {
  if (state.length !== TPM_NVRAM_SIZE.legacy) return { state, cutAt: null };
  let offset = ENTRIES_OFFSET;
  while (offset + SIZE_FIELD <= state.length) {
    const size = decode(u32, state, offset);
    if (size === 0) break;
    if (size > state.length - offset) {
      return { state: new Uint8Array(state).fill(0, offset), cutAt: offset };
    }
    offset += size;
  }
  return { state, cutAt: null };
}
