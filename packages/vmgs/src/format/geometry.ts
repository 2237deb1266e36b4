/** The constants of the format (spec: layouts, limits). */

import { checkWhole } from "../arguments/index.ts";

/** Bytes of a block; offsets and sizes of files count blocks. */
export const BLOCK_SIZE = 4096;
/** Blocks 0 and 1 hold the headers. */
export const FIRST_DATA_BLOCK = 2;
/** Number of entries of both tables, and so of file IDs. */
export const FILE_COUNT = 64;
/** Bytes of a store when nothing else is asked for. */
export const DEFAULT_STORE_BYTES = 4_194_304;
/** Nothing after this many bytes can be addressed: 2^32 blocks. */
export const MAX_STORE_BYTES = 2 ** 44;
/** Blocks that a store must have to be formatted at all. */
export const MIN_STORE_BLOCKS = 4;
/** Blocks that a store must have so that anything can be written: headers, both tables, a new table, a file. */
export const SMALLEST_USEFUL_BLOCKS = 6;

/** Sector sizes that a disk can have, in bytes. */
export const sectorSizes = [512, 4096] as const;
/** Sector size of a disk in bytes. It decides where the second header lies. */
export type SectorSize = (typeof sectorSizes)[number];

/** Blocks of a disk of `byteLength` bytes. */
export function blockCapacity(byteLength: number): number {
  checkWhole(byteLength, "byteLength");
  return Math.floor(Math.min(byteLength, MAX_STORE_BYTES) / BLOCK_SIZE);
}

/** Blocks that a file of `byteLength` bytes owns; an empty file owns one. */
export function blocksFor(byteLength: number): number {
  checkWhole(byteLength, "byteLength");
  return Math.max(1, Math.ceil(byteLength / BLOCK_SIZE));
}
