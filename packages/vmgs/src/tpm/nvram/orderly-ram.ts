/** The RAM copy of the orderly indices: 512 bytes with a list of its own (spec: tpm-nvram, map). */

import { decode, u32 } from "../../layout/index.ts";
import { ORDERLY_RAM_ENTRY_SIZE, orderlyRamEntry } from "./entry-layout.ts";

/** The RAM copy of an index. */
export interface OrderlyCopy {
  readonly handle: number;
  /** TPMA_NV as it is now. */
  readonly attributes: number;
  readonly data: Uint8Array;
}

/** The copies, and where the list breaks. */
export interface OrderlyRam {
  readonly copies: readonly OrderlyCopy[];
  /** Bytes from the start of the region; null when the list is sound. */
  readonly brokenAt: number | null;
}

/** What is known of the data of orderly indices. */
export interface OrderlyData {
  readonly copies: readonly OrderlyCopy[];
  /** False: the copies are those of an earlier shutdown, and only counters outlive that. */
  readonly wasShutDown: boolean;
}

const SIZE_FIELD = 4;

/** Reads the region. A list that fills it needs no end. */
export function readOrderlyRam(region: Uint8Array): OrderlyRam {
  const copies: OrderlyCopy[] = [];
  let offset = 0;
  while (region.length - offset >= SIZE_FIELD) {
    const size = decode(u32, region, offset);
    if (size === 0) break;
    if (size < ORDERLY_RAM_ENTRY_SIZE || size > region.length - offset) return { copies, brokenAt: offset };
    const { nvIndex, attributes } = decode(orderlyRamEntry, region, offset);
    const data = region.slice(offset + ORDERLY_RAM_ENTRY_SIZE, offset + size);
    copies.push({ handle: nvIndex, attributes, data });
    offset += size;
  }
  return { copies, brokenAt: null };
}
