/** Opening a store, without I/O (spec: opening). */

import { checkObject } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { blockCapacity, type HeaderReading, otherSlot } from "../format/index.ts";
import type { Steps } from "../steps/index.ts";
import { readFileTable } from "./read-file-table.ts";
import { chooseActive, readHeaders, why } from "./read-headers.ts";
import { checkGeneration, type Generation, type StoreGeometry, type StoreState } from "./state.ts";

/** What a disk tells about itself, as far as the store needs it. */
export type DiskSize = Pick<StoreGeometry, "sectorSize" | "byteLength">;

/** The geometry of a store that takes the whole disk. */
export function geometryOf(disk: DiskSize): StoreGeometry {
  checkObject(disk, "disk", "sectorSize", "byteLength");
  const { sectorSize, byteLength } = disk;
  return { sectorSize, byteLength, blockCapacity: blockCapacity(byteLength) };
}

/**
 * Reads headers and file table: two reads, 12 KiB.
 *
 * @throws VmgsError as `readHeaders`, `chooseActive` and `readFileTable`; VMGS_NO_PREVIOUS_GENERATION
 */
export function* openSteps(disk: DiskSize, generation: Generation = "current"): Steps<StoreState> {
  checkObject(disk, "disk", "sectorSize", "byteLength");
  checkGeneration(generation, "generation");
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
