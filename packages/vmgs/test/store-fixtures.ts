/** Stores in memory, as the tests need them. */

import {
  createMemoryDisk,
  formatStore,
  type MemoryDisk,
  type SectorSize,
  type StoreState,
  type WritableStore,
} from "../src/index.ts";
import { runSync } from "../src/steps/index.ts";
import { openSteps } from "../src/store/rooms.ts";

const BLOCK = 4096;

/** A datastore key for tests: 32 different bytes that depend on `seed`. */
export function testKey(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (seed * 37 + i * 11 + 1) & 0xff);
}

export interface FreshStore {
  readonly disk: MemoryDisk;
  readonly store: WritableStore;
}

export interface FreshOptions {
  readonly blocks?: number;
  readonly sectorSize?: SectorSize;
  readonly key?: Uint8Array;
}

/** A formatted store in memory: 64 blocks unless told. */
export async function freshStore({
  blocks = 64,
  sectorSize = 512,
  key,
}: FreshOptions = {}): Promise<FreshStore> {
  const disk = createMemoryDisk(blocks * BLOCK, sectorSize);
  const store = await formatStore(disk, { allowTiny: true, ...(key && { key }) });
  return { disk, store };
}

/** The state on a disk in memory, read anew. */
export function stateOn(disk: MemoryDisk): StoreState {
  return runSync(openSteps(disk), disk);
}

/** Where every file lies: `18 at 5+1`, in ascending ID. */
export function placesOf(state: StoreState): string[] {
  return [...state.files.values()].map(({ fileId, block, blocks }) => `${fileId} at ${block}+${blocks}`);
}

/** `0x6d2eed28` and the like of a disk's header copies. */
export function headersOf(state: StoreState): string {
  const { activeSlot, header } = state;
  return `slot ${activeSlot}, sequence ${header.sequence}, table ${header.fileTableOffset}`;
}

/** Offset of the first byte in which two images differ, or null: quicker and shorter than printing both. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | null {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return null;
}

/** Hands out 1, 2, 3, ... as "random" bytes, so that what was asked for can be told from the result. */
export function countingRandom(): ((length: number) => Uint8Array) & { readonly asked: number[] } {
  let next = 1;
  const asked: number[] = [];
  const random = (length: number) => {
    asked.push(length);
    const byte = next++;
    return new Uint8Array(length).fill(byte);
  };
  return Object.assign(random, { asked });
}
