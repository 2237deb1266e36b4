/**
 * Images that a power failure may leave: everything flushed, and of the sectors written since then any subset, in any
 * order, one of them perhaps torn. What a disk does to a sector is assumed in docs/reliability.md ("Power failure").
 */

import type { SectorSize } from "../../src/index.ts";
import type { DiskEvent } from "../recording-disk.ts";
import type { Random } from "./random.ts";

/** A sector, whole or torn, as it lies on the disk after the failure. */
export interface SectorWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Sectors written between two flushes, in order. */
export type Epoch = readonly SectorWrite[];

/** Epochs of recorded events; one without writes is left out. */
export function epochsOf(events: readonly DiskEvent[], sectorSize: SectorSize): Epoch[] {
  const epochs: SectorWrite[][] = [[]];
  for (const event of events) {
    if (event.kind === "flush") epochs.push([]);
    if (event.kind !== "write") continue;
    for (let at = 0; at < event.bytes.length; at += sectorSize) {
      const bytes = event.bytes.subarray(at, at + sectorSize);
      epochs.at(-1)?.push({ offset: event.offset + at, bytes });
    }
  }
  return epochs.filter((epoch) => epoch.length > 0);
}

export function applySectors(image: Uint8Array, sectors: readonly SectorWrite[]): void {
  for (const { offset, bytes } of sectors) image.set(bytes, offset);
}

/** Lays sectors onto an image, looks at it, and takes them off again. */
export function withSectors(image: Uint8Array, sectors: readonly SectorWrite[], look: () => void): void {
  const before = sectors.map(({ offset, bytes }) => ({
    offset,
    bytes: image.slice(offset, offset + bytes.length),
  }));
  applySectors(image, sectors);
  try {
    look();
  } finally {
    applySectors(image, before.reverse());
  }
}

/** Epochs with at most that many sectors are cut in every way there is. */
const ALL_SUBSETS_UP_TO = 6;
const RANDOM_SUBSETS = 20;
const TORN = 8;

/** Ways in which a power failure cuts an epoch: which of its sectors are on the disk. Without the empty way. */
export function* cutsOf(epoch: Epoch, image: Uint8Array, random: Random): Generator<SectorWrite[]> {
  const seen = new Set<string>();
  function* fresh(chosen: (i: number) => boolean): Generator<SectorWrite[]> {
    const mask = epoch.map((_, i) => (chosen(i) ? "1" : "0")).join("");
    if (!mask.includes("1") || seen.has(mask)) return;
    seen.add(mask);
    yield epoch.filter((_, i) => mask[i] === "1");
  }
  if (epoch.length <= ALL_SUBSETS_UP_TO) {
    for (let mask = 1; mask < 2 ** epoch.length; mask++) yield* fresh((i) => ((mask >> i) & 1) === 1);
  } else {
    for (let end = 1; end <= epoch.length; end++) yield* fresh((i) => i < end);
    for (let i = 0; i < RANDOM_SUBSETS; i++) {
      const bits = random.bytes(epoch.length);
      yield* fresh((at) => ((bits[at] as number) & 1) === 1);
      const only = random.below(epoch.length);
      if (i % 4 === 0) yield* fresh((at) => (i % 8 === 0 ? at === only : at !== only));
    }
  }
  yield* tornCuts(epoch, image, random);
}

/** One sector is torn; those before it are there, or any of the others. */
function* tornCuts(epoch: Epoch, image: Uint8Array, random: Random): Generator<SectorWrite[]> {
  for (let i = 0; i < TORN; i++) {
    const at = random.below(epoch.length);
    const others =
      i % 2 === 0 ? epoch.slice(0, at) : epoch.filter((_, other) => other !== at && random.oneIn(2));
    yield [...others, torn(epoch[at] as SectorWrite, image, random.below(4), random)];
  }
}

/** A sector of which only a part was written: new bytes up to a point, from a point on, words of both, or garbage. */
export function torn(
  { offset, bytes }: SectorWrite,
  image: Uint8Array,
  kind: number,
  random: Random,
  at = 1 + random.below(bytes.length - 1),
): SectorWrite {
  const old = image.slice(offset, offset + bytes.length);
  if (kind === 0) old.set(bytes.subarray(0, at));
  else if (kind === 1) old.set(bytes.subarray(at), at);
  else if (kind === 2) {
    for (let word = 0; word < bytes.length; word += 8) {
      if (random.oneIn(2)) old.set(bytes.subarray(word, word + 8), word);
    }
  } else {
    old.set(bytes);
    old.set(
      random.oneIn(3)
        ? new Uint8Array(bytes.length - at).fill(random.pick([0, 255]))
        : random.bytes(bytes.length - at),
      at,
    );
  }
  return { offset, bytes: old };
}
