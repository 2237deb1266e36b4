/** Opening a store, without I/O (spec: opening). */

import { checkObject } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  blockCapacity,
  type Header,
  type HeaderReading,
  isAllZero,
  otherSlot,
} from "../format/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import { readFileTable } from "./read-file-table.ts";
import { chooseActive, readHeaders, why } from "./read-headers.ts";
import { checkGeneration, type Generation, type StoreGeometry, type StoreState } from "./state.ts";

/** The facts about a disk that the store needs. */
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
 * @throws VmgsError as `readHeaders`, `chooseActive` and `readFileTable`; VMGS_NO_PREVIOUS_GENERATION,
 * VMGS_GENERATION_WIPED
 */
export function* openSteps(disk: DiskSize, generation: Generation = "current"): Steps<StoreState> {
  const geometry = geometryOf(disk);
  checkGeneration(generation, "generation");
  const headers = yield* readHeaders(geometry);
  const active = chooseActive(headers);
  const activeSlot = generation === "current" ? active : otherSlot(active);
  const { header, problem } = headers[activeSlot];
  if (problem !== null) throw noPrevious(headers[activeSlot]);
  const files = yield* readFileTable(header, geometry);
  if (generation === "previous" && files.size === 0) yield* refuseWiped(header);
  return { geometry, headers, activeSlot, header, generation, files, unlocked: null };
}

/** A table lists itself; without any entry it is a table no more. */
function* refuseWiped({ sequence, fileTableOffset: block }: Header): Steps<void> {
  if (!isAllZero(yield* peek(block * BLOCK_SIZE, BLOCK_SIZE))) return;
  throw new VmgsError(
    "VMGS_GENERATION_WIPED",
    `the previous generation (sequence ${sequence}) was wiped: its file table at block ${block} is all zeros`,
    { block, sequence },
  );
}

function noPrevious(reading: HeaderReading): VmgsError {
  const { slot } = reading;
  return new VmgsError("VMGS_NO_PREVIOUS_GENERATION", `there is no previous generation: ${why(reading)}`, {
    slot,
  });
}
