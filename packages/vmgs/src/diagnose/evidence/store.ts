/** What was read of headers and tables: current and previous generation, and what is left where neither opens. */

import { isVmgsError, type VmgsError } from "../../errors/index.ts";
import {
  BLOCK_SIZE,
  FIRST_DATA_BLOCK,
  FileId,
  fileTable,
  type HeaderReading,
  headerOffset,
  type SectorSize,
} from "../../format/index.ts";
import { decode } from "../../layout/index.ts";
import type { Secret } from "../../secret/index.ts";
import { read, type Steps } from "../../steps/index.ts";
import { type HeaderPair, isEncrypted, type StoreGeometry, type StoreState } from "../../store/index.ts";
import {
  type DiskSize,
  examineFileTable,
  type FileTableReading,
  geometryOf,
  openSteps,
  readHeaders,
  unlockSteps,
  zeroMetadataKeySteps,
} from "../../store/rooms.ts";
import { firstByteIn, type PlacedHeader } from "./container.ts";

/** A file table that can be read, though the store that it belongs to may not open. */
export interface FoundTable extends FileTableReading {
  readonly block: number;
  /** Header that points to it; null when it was found by its looks. */
  readonly header: HeaderReading | null;
  /** Files whose end is past the disk, but not when it is computed with 32 bits as the reference does. */
  readonly wrapping: readonly number[];
}

/** What was read of a store. */
export interface StoreEvidence {
  readonly geometry: StoreGeometry;
  /** Null when they are blank, or there is none to read. */
  readonly headers: HeaderPair | null;
  /** A valid header where a disk with other sectors has its second one, or null. */
  readonly otherSectorHeader: PlacedHeader | null;
  /** The store as it opens; unlocked when a key was given that fits. */
  readonly state: StoreState | null;
  readonly error: VmgsError | null;
  /** The generation before, when it opens; never unlocked. */
  readonly previous: StoreState | null;
  readonly previousError: VmgsError | null;
  /** Why the key that was given does not open the store. */
  readonly keyError: VmgsError | null;
  readonly zeroMetadataKey: boolean;
  /** Tables of a store that does not open: those of its headers, else whatever looks like one. */
  readonly tables: readonly FoundTable[];
  /** Of a disk whose headers are blank: offset of the first byte that is not zero, as far as was looked. */
  readonly firstDataAt: number | null;
}

export interface StoreOptions {
  readonly key: Secret | null;
  /** Valid headers of the file, wherever they lie. */
  readonly validHeaders: readonly PlacedHeader[];
}

/** Reads everything that headers and tables hold. */
export function* gatherStore(disk: DiskSize, { key, validHeaders }: StoreOptions): Steps<StoreEvidence> {
  const geometry = geometryOf(disk);
  const headers = yield* attempt(readHeaders(geometry));
  const opened = yield* attempt(openSteps(disk));
  const previous = yield* attempt(openSteps(disk, "previous"));
  const unlocked = opened.value === null ? null : yield* unlock(opened.value, key);
  return {
    geometry,
    headers: headers.value,
    otherSectorHeader: headerForOtherSectors(validHeaders, geometry.sectorSize),
    state: unlocked?.state ?? null,
    error: opened.error,
    previous: previous.value,
    previousError: previous.error,
    keyError: unlocked?.keyError ?? null,
    zeroMetadataKey: opened.value !== null && (yield* hasZeroMetadataKey(opened.value)),
    tables: opened.value === null ? yield* findTables(geometry, headers.value) : [],
    firstDataAt:
      opened.error?.code === "VMGS_EMPTY_STORE" ? yield* firstByteIn(0, geometry.byteLength) : null,
  };
}

/** The result of a computation, or why it failed. */
export type Attempt<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: VmgsError };

/** Runs a computation whose failure is part of the answer. A medium that fails says nothing about the store. */
export function* attempt<T>(steps: Steps<T>): Steps<Attempt<T>> {
  try {
    return { value: yield* steps, error: null };
  } catch (error) {
    if (!isVmgsError(error) || isVmgsError(error, "VMGS_IO")) throw error;
    return { value: null, error };
  }
}

function* unlock(state: StoreState, key: Secret | null) {
  if (key === null || !isEncrypted(state)) return { state, keyError: null };
  const { value, error } = yield* attempt(unlockSteps(state, key));
  return { state: value ?? state, keyError: error };
}

function* hasZeroMetadataKey(state: StoreState): Steps<boolean> {
  return (yield* attempt(zeroMetadataKeySteps(state))).value ?? false;
}

function headerForOtherSectors(
  validHeaders: readonly PlacedHeader[],
  sectorSize: SectorSize,
): PlacedHeader | null {
  const elsewhere = headerOffset(1, sectorSize === 512 ? 4096 : 512);
  return validHeaders.find(({ at }) => at === elsewhere) ?? null;
}

/** Most blocks that are searched for a table: those of a store of 4 MiB. */
const MOST_SEARCHED = 1024;
const BLOCKS_AT_ONCE = 64;

function* findTables(geometry: StoreGeometry, headers: HeaderPair | null): Steps<FoundTable[]> {
  const found: FoundTable[] = [];
  for (const header of headers ?? []) {
    const { signature, fileTableOffset: block } = header.header;
    const inside = block >= FIRST_DATA_BLOCK && block < geometry.blockCapacity;
    if (signature !== "GUESTRTS" || !inside || found.some((table) => table.block === block)) continue;
    const table = foundTable(yield* read(block * BLOCK_SIZE, BLOCK_SIZE), block, geometry, header);
    if (table.files.size > 0) found.push(table);
  }
  return found.length > 0 ? found : yield* searchTables(geometry);
}

function foundTable(
  bytes: Uint8Array,
  block: number,
  { blockCapacity }: StoreGeometry,
  header: HeaderReading | null,
): FoundTable {
  const wrapping = decode(fileTable, bytes).entries.flatMap(({ offset, allocationSize }, fileId) => {
    const end = offset + allocationSize;
    return allocationSize > 0 && end > 0xffff_ffff && end >>> 0 <= blockCapacity ? [fileId] : [];
  });
  return { ...examineFileTable(bytes, block, blockCapacity), block, header, wrapping };
}

/** Blocks whose first entry describes the block itself: no other content looks so. */
function* searchTables(geometry: StoreGeometry): Steps<FoundTable[]> {
  const found: FoundTable[] = [];
  const end = Math.min(geometry.blockCapacity, MOST_SEARCHED);
  for (let first = FIRST_DATA_BLOCK; first < end; first += BLOCKS_AT_ONCE) {
    const blocks = Math.min(BLOCKS_AT_ONCE, end - first);
    const bytes = yield* read(first * BLOCK_SIZE, blocks * BLOCK_SIZE);
    for (let i = 0; i < blocks; i++) {
      const block = first + i;
      const table = foundTable(bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE), block, geometry, null);
      const self = table.files.get(FileId.FILE_TABLE);
      if (self?.block === block && self.blocks === 1 && self.byteLength === BLOCK_SIZE) {
        found.push(table);
      }
    }
  }
  return found;
}
