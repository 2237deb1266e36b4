/**
 * Another container, size or sector size for a store. The result is planned as the bytes of a new file, so the old one
 * is never in danger; see docs/decisions/0016-recovery.md.
 */

import { checkFlag, checkWhole, oneOf, optionsOf } from "../arguments/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import { isVmgsError, VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  blockCapacity,
  describeFileId,
  encodeVhdFooter,
  FIRST_DATA_BLOCK,
  isStoreTable,
  MAX_STORE_BYTES,
  MIN_STORE_BLOCKS,
  makeVhdFooter,
  resizedVhdFooter,
  type SectorSize,
  sectorSizes,
  vhdFooter,
} from "../format/index.ts";
import { decode } from "../layout/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import { type Cipher, checkCipher, read, run, type Steps, webCipher } from "../steps/index.ts";
import {
  type Change,
  type DiskWrite,
  type FileRecord,
  isEncrypted,
  type StoreState,
} from "../store/index.ts";
import { contentForm, openSteps, readFileSteps, transactionSteps, unlockSteps } from "../store/rooms.ts";
import { isGptDisk } from "../v1/rooms.ts";

/** What a disk should become. */
export interface ConvertOptions {
  /** A fixed VHD, or a raw image. Default: the same. */
  readonly container?: "vhd" | "raw";
  /** Bytes of the disk without a footer. Default: the same. */
  readonly byteLength?: number;
  /** Of a raw image; a VHD has 512. Default: the same. */
  readonly sectorSize?: SectorSize;
  /** Move files that lie after the end of a smaller disk, in one transaction. The previous generation is then lost. */
  readonly move?: boolean;
  /** Datastore key: encrypted files can be moved. */
  readonly key?: Uint8Array | Secret;
  readonly cipher?: Cipher;
  /** Keep the unique ID and the time of an existing footer: for a file that takes the place of the old one. */
  readonly keepIdentity?: boolean;
}

const checkConvertOptions = optionsOf({
  container: oneOf(["vhd", "raw"]),
  byteLength: checkWhole,
  sectorSize: oneOf(sectorSizes),
  move: checkFlag,
  key: checkKey,
  cipher: checkCipher,
  keepIdentity: checkFlag,
});

/** A new file, as what to copy from the old disk and what to write over it. */
export interface Conversion {
  readonly container: "vhd" | "raw";
  readonly sectorSize: SectorSize;
  /** Bytes of the new disk. */
  readonly byteLength: number;
  /** Bytes of the new file, with the footer. */
  readonly fileBytes: number;
  /** Bytes that are copied from the old disk, from byte 8192 on to the same place. */
  readonly copied: number;
  /** Everything else, in order: the header blocks, a transaction that moves files, the footer. */
  readonly writes: readonly DiskWrite[];
  /** Files that are moved. */
  readonly moved: readonly number[];
  /** What is worth knowing. */
  readonly notes: readonly string[];
}

const HEAD_BYTES = FIRST_DATA_BLOCK * BLOCK_SIZE;

/**
 * Plans a conversion; the disk is only read. Old generations and free blocks are copied as they are.
 *
 * @throws VmgsError VMGS_DISK_SIZE, VMGS_DISK_TOO_SMALL, VMGS_SECTOR_SIZE for an impossible size. VMGS_FILES_BEYOND_END
 * for a smaller disk without `move`, VMGS_INSUFFICIENT_SPACE and VMGS_NEEDS_UNLOCK with it; a store that can't be opened
 * can't be made smaller, and the error says why; VMGS_V1_FORMAT for another size of a version 1 file
 */
export async function planConversion(disk: Disk, options: ConvertOptions = {}): Promise<Conversion> {
  checkDisk(disk, "disk");
  checkConvertOptions(options, "options");
  const { cipher = webCipher } = options;
  const container = options.container ?? disk.container.kind;
  const sectorSize = options.sectorSize ?? (container === "vhd" ? 512 : disk.sectorSize);
  const byteLength = options.byteLength ?? disk.byteLength;
  checkTarget(container, sectorSize, byteLength);
  const resized = byteLength !== disk.byteLength || sectorSize !== disk.sectorSize;
  if (resized && (await run(isGptDisk(disk.byteLength), disk))) {
    const message = "a version 1 file can't have another size: its second GPT lies in its last block";
    throw new VmgsError("VMGS_V1_FORMAT", message);
  }
  const notes: string[] = [];
  const drive = <T>(steps: Steps<T>) => run(steps, disk, cipher);
  const shrinks = byteLength < disk.byteLength;
  const fit = shrinks ? await drive(fitSteps(disk, byteLength, options, notes)) : { moved: [], writes: [] };
  const head = await drive(readHead(disk));
  const writes: DiskWrite[] = [
    { offset: 0, bytes: relaid(head, disk.sectorSize, sectorSize) },
    ...fit.writes.map((write) => relocated(write, disk.sectorSize, sectorSize)),
  ];
  if (container === "vhd") writes.push({ offset: byteLength, bytes: footerFor(disk, byteLength, options) });
  if (sectorSize !== disk.sectorSize) notes.push(`the second header lies at byte ${sectorSize} now`);
  return {
    container,
    sectorSize,
    byteLength,
    fileBytes: byteLength + (container === "vhd" ? 512 : 0),
    copied: Math.max(0, Math.min(byteLength, disk.byteLength) - HEAD_BYTES),
    writes,
    moved: fit.moved,
    notes,
  };
}

function checkTarget(container: "vhd" | "raw", sectorSize: SectorSize, byteLength: number): void {
  if (container === "vhd" && sectorSize !== 512) {
    throw new VmgsError("VMGS_SECTOR_SIZE", "a fixed VHD has sectors of 512 bytes, not of 4096");
  }
  const wrong =
    !Number.isSafeInteger(byteLength) || byteLength % sectorSize !== 0 || byteLength > MAX_STORE_BYTES;
  if (wrong) {
    const message = `${byteLength} bytes is not a multiple of ${sectorSize} up to 2^44`;
    throw new VmgsError("VMGS_DISK_SIZE", message, { bytes: byteLength });
  }
  const limit = MIN_STORE_BLOCKS * BLOCK_SIZE;
  if (byteLength >= limit) return;
  const message = `${byteLength} bytes are below the ${limit} that a store needs`;
  throw new VmgsError("VMGS_DISK_TOO_SMALL", message, { bytes: byteLength, limit });
}

interface Fit {
  readonly moved: readonly number[];
  readonly writes: readonly DiskWrite[];
}

/** What it takes that everything of the current generation lies before the new end. */
function* fitSteps(disk: Disk, byteLength: number, options: ConvertOptions, notes: string[]): Steps<Fit> {
  const capacity = blockCapacity(byteLength);
  const state = yield* openForFit(disk, options);
  if (state === null) return { moved: [], writes: [] };
  const beyond = [...state.files.values()].filter(({ block, blocks }) => block + blocks > capacity);
  if (beyond.length === 0) {
    notes.push("remains of old generations after the new end are gone");
    return { moved: [], writes: [] };
  }
  if (options.move !== true) throw filesBeyond(beyond, byteLength, state);
  const confined = { ...state, geometry: { ...state.geometry, blockCapacity: capacity } };
  const changes: Change[] = [];
  for (const { fileId } of beyond) {
    const record = state.files.get(fileId) as FileRecord;
    if (isStoreTable(fileId)) continue;
    const content = yield* readFileSteps(state, fileId);
    const encrypt = contentForm(state, record).kind === "sealed";
    changes.push({ kind: "write", fileId, content, encrypt });
  }
  const { content, commit, next } = yield* transactionSteps(confined, [...changes, { kind: "renewTables" }]);
  const stuck = [...next.files.values()].find(({ block, blocks }) => block + blocks > capacity);
  if (stuck !== undefined) {
    throw new VmgsError(
      "VMGS_NEEDS_UNLOCK",
      `${describeFileId(stuck.fileId)} lies after the new end; to move it, unlock the store`,
      { fileId: stuck.fileId },
    );
  }
  notes.push("the previous generation is lost: its blocks may lie after the new end");
  return {
    moved: beyond.map(({ fileId }) => fileId),
    writes: commit === null ? content : [...content, commit],
  };
}

/** The store as a boot would open it; null for a blank disk, which can have any size. */
function* openForFit(disk: Disk, { key }: ConvertOptions): Steps<StoreState | null> {
  try {
    const state = yield* openSteps(disk);
    if (key === undefined || !isEncrypted(state)) return state;
    return yield* unlockSteps(state, datastoreKey(key));
  } catch (error) {
    if (isVmgsError(error, "VMGS_EMPTY_STORE")) return null;
    throw error;
  }
}

function filesBeyond(beyond: readonly FileRecord[], byteLength: number, { files }: StoreState): VmgsError {
  const names = beyond.map(({ fileId }) => describeFileId(fileId)).join(", ");
  const end = Math.max(...[...files.values()].map(({ block, blocks }) => block + blocks)) * BLOCK_SIZE;
  return new VmgsError(
    "VMGS_FILES_BEYOND_END",
    `${names}: not before the end of a disk of ${byteLength} bytes; without moving files it needs ${end}`,
    { bytes: byteLength, limit: end },
  );
}

function* readHead(disk: Disk): Steps<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  head.set(yield* read(0, Math.min(HEAD_BYTES, disk.byteLength)));
  return head;
}

/** The header blocks for another sector size: each header keeps its sector, and nothing else is kept. */
function relaid(head: Uint8Array, from: SectorSize, to: SectorSize): Uint8Array {
  if (from === to) return head;
  const result = new Uint8Array(HEAD_BYTES);
  const size = Math.min(from, to);
  result.set(head.subarray(0, size));
  result.set(head.subarray(from, from + size), to);
  return result;
}

/** A write that was planned for the old sector size: only that of the second header moves, and may be shorter. */
function relocated({ offset, bytes }: DiskWrite, from: SectorSize, to: SectorSize): DiskWrite {
  if (offset >= HEAD_BYTES || from === to) return { offset, bytes };
  const sector = new Uint8Array(to);
  sector.set(bytes.subarray(0, Math.min(from, to)));
  return { offset: offset === 0 ? 0 : to, bytes: sector };
}

function footerFor(
  { container }: Disk,
  byteLength: number,
  { keepIdentity = false }: ConvertOptions,
): Uint8Array {
  const { footerBytes } = container;
  if (footerBytes !== null && keepIdentity) {
    return encodeVhdFooter(resizedVhdFooter(decode(vhdFooter, footerBytes), byteLength));
  }
  const uniqueId = crypto.getRandomValues(new Uint8Array(16));
  return makeVhdFooter({ diskBytes: byteLength, uniqueId, created: new Date() });
}
