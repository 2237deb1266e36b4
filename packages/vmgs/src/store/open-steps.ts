/** Opening a store, without I/O (spec: opening). */

import { VmgsError } from "../errors/index.ts";
import { blockCapacity, type HeaderReading, otherSlot } from "../format/index.ts";
import type { Steps } from "../steps/index.ts";
import { readFileTable } from "./read-file-table.ts";
import { chooseActive, readHeaders, why } from "./read-headers.ts";
import type { Generation, StoreGeometry, StoreState } from "./state.ts";

/** What a disk tells about itself, as far as the store needs it. */
export type DiskSize = Pick<StoreGeometry, "sectorSize" | "byteLength">;

/** The geometry of a store that takes the whole disk. */
export function geometryOf({ sectorSize, byteLength }: DiskSize): StoreGeometry {
  return { sectorSize, byteLength, blockCapacity: blockCapacity(byteLength) };
}

/**
 * Reads headers and file table: two reads, 12 KiB.
 *
 * @throws VmgsError as `readHeaders`, `chooseActive` and `readFileTable`; VMGS_NO_PREVIOUS_GENERATION
 */
export function* openSteps(disk: DiskSize, generation: Generation = "current"): Steps<StoreState> {
  const geometry = geometryOf(disk);
  const headers = yield* readHeaders(geometry);
  const active = chooseActive(headers);
  const activeSlot = generation === "current" ? active : otherSlot(active);
  const { header, problem } = headers[activeSlot];
  if (problem !== null) throw noPrevious(headers[activeSlot]);
  const files = yield* readFileTable(header, geometry);
  return { geometry, headers, activeSlot, header, generation, files, unlocked: null };
}

function noPrevious(reading: HeaderReading): VmgsError {
  const { slot } = reading;
  return new VmgsError("VMGS_NO_PREVIOUS_GENERATION", `there is no previous generation: ${why(reading)}`, {
    slot,
  });
}
