/** Formatting a disk (spec: formatting). */

import { checkFlag, oneOf, optionsOf } from "../arguments/index.ts";
import { checkWritableDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  EncryptionAlgorithm,
  emptyKeySlot,
  FIRST_DATA_BLOCK,
  FileId,
  type HeaderSlot,
  headerOffset,
  MIN_STORE_BLOCKS,
  otherSlot,
  type ProvisioningReason,
  provisioningReasons,
  SMALLEST_USEFUL_BLOCKS,
  VERSION_3_0,
} from "../format/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import { type Cipher, checkCipher, run } from "../steps/index.ts";
import { writeAll } from "./execute.ts";
import { geometryOf, openSteps } from "./open-steps.ts";
import { chooseActive, readHeaders } from "./read-headers.ts";
import { encodeFileTable, plainRecord } from "./tables.ts";
import { commitWrite } from "./transaction.ts";
import { type WritableStore, writableStore } from "./writable-store.ts";

/** How a disk is formatted. */
export interface FormatOptions {
  /** Why; kept in memory only, as `provisioningReason`. Default: `request`. */
  readonly reason?: ProvisioningReason;
  /** Datastore key, 32 bytes: the store is encrypted from the start. */
  readonly key?: Uint8Array | Secret;
  /** Allow a store of 4 or 5 blocks, to which nothing can ever be written. */
  readonly allowTiny?: boolean;
  readonly cipher?: Cipher;
}

const checkFormatOptions = optionsOf({
  reason: oneOf(provisioningReasons),
  key: checkKey,
  allowTiny: checkFlag,
  cipher: checkCipher,
});

/**
 * Formats a disk: whatever store was on it is lost, though its old blocks are not wiped.
 *
 * @throws VmgsError VMGS_DISK_TOO_SMALL, VMGS_KEY_LENGTH, VMGS_KEY_ZERO, and what the disk throws
 */
export async function formatStore(disk: WritableDisk, options: FormatOptions = {}): Promise<WritableStore> {
  checkWritableDisk(disk, "disk");
  checkFormatOptions(options, "options");
  const { reason = "request", key, allowTiny = false, cipher } = options;
  checkSize(disk, allowTiny);
  // A key that can't be one is refused before the old store is lost.
  const secret = key === undefined ? undefined : datastoreKey(key);
  // A full disk is noticed while the old store is whole.
  const blocks = secret === undefined ? BLANK_BLOCKS : BLANK_BLOCKS + KEY_BLOCKS;
  await disk.reserve?.(FIRST_DATA_BLOCK * BLOCK_SIZE, blocks * BLOCK_SIZE);
  await writeBlankStore(disk);
  const state = await run(openSteps(disk), disk, cipher);
  const store = writableStore(disk, { state, provisioningReason: reason }, cipher);
  if (secret !== undefined) await store.addKey(secret);
  return store;
}

function checkSize(disk: WritableDisk, allowTiny: boolean): void {
  const { blockCapacity } = geometryOf(disk);
  const least = allowTiny ? MIN_STORE_BLOCKS : SMALLEST_USEFUL_BLOCKS;
  if (blockCapacity >= least) return;
  throw new VmgsError(
    "VMGS_DISK_TOO_SMALL",
    `the disk has ${blockCapacity} blocks; the smallest store that can be written has ${SMALLEST_USEFUL_BLOCKS} (${SMALLEST_USEFUL_BLOCKS * BLOCK_SIZE} bytes)`,
    { bytes: disk.byteLength, limit: least * BLOCK_SIZE },
  );
}

/** File table and extended file table. */
const BLANK_BLOCKS = 2;
/** The first key rewrites both beside the old ones. */
const KEY_BLOCKS = 2;

/** Both headers go first, so that a crash on the way leaves an empty disk and not a mixture of two stores. */
async function writeBlankStore(disk: WritableDisk): Promise<void> {
  const { sectorSize } = disk;
  for (const slot of await clearingOrder(disk)) {
    await disk.write(headerOffset(slot, sectorSize), new Uint8Array(sectorSize));
    await disk.flush();
  }
  const tableBlock = FIRST_DATA_BLOCK;
  const extendedBlock = FIRST_DATA_BLOCK + 1;
  await writeAll(disk, [
    { offset: tableBlock * BLOCK_SIZE, bytes: blankFileTable(tableBlock, extendedBlock) },
    { offset: extendedBlock * BLOCK_SIZE, bytes: new Uint8Array(BLOCK_SIZE) },
  ]);
  await disk.flush();
  const { commit } = commitWrite(firstHeader(tableBlock), 0, sectorSize);
  await disk.write(commit.offset, commit.bytes);
  await disk.flush();
}

/** The active header goes last: the generation before it, which may be wiped, must not become the current one. */
async function clearingOrder(disk: WritableDisk): Promise<readonly HeaderSlot[]> {
  try {
    const active = chooseActive(await run(readHeaders(geometryOf(disk)), disk));
    return [otherSlot(active), active];
  } catch (error) {
    // Nothing on the disk can be followed, or it can't be read: then there is no store to lose.
    if (error instanceof VmgsError) return [1, 0];
    throw error;
  }
}

function blankFileTable(tableBlock: number, extendedBlock: number): Uint8Array {
  const record = (fileId: number, block: number) =>
    plainRecord({ fileId, block, blocks: 1, byteLength: BLOCK_SIZE });
  const records = [record(FileId.FILE_TABLE, tableBlock), record(FileId.EXTENDED_FILE_TABLE, extendedBlock)];
  return encodeFileTable(new Map(records.map((file) => [file.fileId, file])));
}

function firstHeader(tableBlock: number) {
  return {
    signature: "GUESTRTS",
    version: VERSION_3_0,
    sequence: 1,
    headerSize: 168,
    fileTableOffset: tableBlock,
    fileTableSize: 1,
    encryptionAlgorithm: EncryptionAlgorithm.none,
    markers: 0,
    metadataKeys: [emptyKeySlot, emptyKeySlot],
    reserved: 0,
  };
}
