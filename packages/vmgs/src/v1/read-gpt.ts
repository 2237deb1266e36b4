/** Reading both copies of a GPT, and the guest state partition in it. */

import { crc32, isAllZero } from "../format/index.ts";
import { decode, problemFinder } from "../layout/index.ts";
import { kept, read, readInto, type Steps } from "../steps/index.ts";
import {
  GPT_ENTRY_SIZE,
  type GptEntry,
  type GptHeader,
  GUEST_STATE_PARTITION,
  gptEntry,
  gptHeader,
  V1_BLOCK_SIZE,
} from "./gpt-layout.ts";

/** One copy of the GPT, sound or not. */
export interface GptCopy {
  readonly place: "primary" | "backup";
  /** Block of its header. */
  readonly block: number;
  /** What lies there; null past the end of the disk. */
  readonly header: GptHeader | null;
  /** The entries in use; none when the copy is not sound. */
  readonly entries: readonly GptEntry[];
  /** Why the copy can't be used; null when it is sound. Without text from the file. */
  readonly problem: string | null;
}

/** The guest state partition. */
export interface GuestStatePartition {
  /** First block on the disk. */
  readonly firstBlock: number;
  /** Last block on the disk, itself included. */
  readonly lastBlock: number;
  readonly blocks: number;
  /** True when the disk ends before the partition does. */
  readonly cut: boolean;
}

/** Both copies of the GPT. */
export interface Gpt {
  readonly primary: GptCopy;
  readonly backup: GptCopy;
  /**
   * The copy that is followed: of the sound ones the first with a usable guest state partition, else the first; null when
   * neither is sound.
   */
  readonly followed: GptCopy | null;
  /** True when both copies are sound and list other partitions. */
  readonly differ: boolean;
  /** Null when there is no such partition, or no sound copy. */
  readonly partition: GuestStatePartition | null;
}

/**
 * Reads both copies. A damaged one is not thrown but described.
 *
 * @internal
 */
export function* readGpt(diskBytes: number): Steps<Gpt> {
  const diskBlocks = Math.floor(diskBytes / V1_BLOCK_SIZE);
  const primary = yield* readCopy("primary", 1, diskBlocks);
  // A disk that was cut or grown has its backup where the primary header says, if anywhere.
  const told = primary.problem === null ? Number(primary.header?.alternateBlock) : diskBlocks - 1;
  const atEnd = yield* readCopy("backup", diskBlocks - 1, diskBlocks);
  const backup =
    atEnd.problem === null || told >= diskBlocks - 1 || told < 2
      ? atEnd
      : yield* readCopy("backup", told, diskBlocks);
  const sound = [primary, backup].filter(({ problem }) => problem === null);
  const followed = sound.find((copy) => partitionIn(copy, diskBlocks) !== null) ?? sound[0] ?? null;
  const differ =
    primary.problem === null &&
    backup.problem === null &&
    primary.header?.entriesChecksum !== backup.header?.entriesChecksum;
  return { primary, backup, followed, differ, partition: partitionIn(followed, diskBlocks) };
}

const findHeaderProblems = problemFinder(gptHeader);

function* readCopy(place: GptCopy["place"], block: number, diskBlocks: number): Steps<GptCopy> {
  const bad = (problem: string, header: GptHeader | null = null): GptCopy => {
    return { place, block, header, entries: [], problem };
  };
  if (block < 1 || block >= diskBlocks) return bad("lies past the end of the disk");
  const bytes = kept(V1_BLOCK_SIZE);
  yield readInto(block * V1_BLOCK_SIZE, bytes);
  if (isAllZero(bytes)) return bad("is blank");
  const header = decode(gptHeader, bytes);
  const [refused] = findHeaderProblems(bytes, 0);
  if (refused !== undefined) return bad(`${refused.field} ${refused.message}`, header);
  if (gptChecksum(bytes, header.headerSize) !== header.headerChecksum)
    return bad("checksum is wrong", header);
  if (header.myBlock !== BigInt(block)) return bad(`is made for block ${header.myBlock}`, header);
  const entryBytes = header.entryCount * GPT_ENTRY_SIZE;
  const first = header.entriesBlock;
  if (first < 2n || first * BigInt(V1_BLOCK_SIZE) + BigInt(entryBytes) > BigInt(diskBlocks * V1_BLOCK_SIZE)) {
    return bad(`entries lie outside the disk, from block ${first} on`, header);
  }
  const table = yield* read(Number(first) * V1_BLOCK_SIZE, entryBytes);
  if (crc32(table) !== header.entriesChecksum) return bad("checksum of the entries is wrong", header);
  const entries: GptEntry[] = [];
  for (let at = 0; at < entryBytes; at += GPT_ENTRY_SIZE) {
    if (!isAllZero(table, at, at + 16)) entries.push(decode(gptEntry, table, at));
  }
  return { place, block, header, entries, problem: null };
}

const ZEROS = new Uint8Array(4);

/** The checksum that a GPT header of so many bytes should carry. */
export function gptChecksum(bytes: Uint8Array, headerSize: number): number {
  const field = gptHeader.offsets.headerChecksum;
  const before = crc32(ZEROS, crc32(bytes, 0, 0, field));
  return crc32(bytes, before, field + 4, headerSize);
}

const ofGuestState = (copy: GptCopy | null) =>
  copy?.entries.find(({ type }) => type === GUEST_STATE_PARTITION);

/** True when a partition is said to hold guest state, wherever it may lie. */
export const listsGuestState = (copy: GptCopy | null) => ofGuestState(copy) !== undefined;

function partitionIn(copy: GptCopy | null, diskBlocks: number): GuestStatePartition | null {
  const entry = ofGuestState(copy);
  if (entry === undefined) return null;
  const { firstBlock, lastBlock } = entry;
  if (firstBlock < 2n || lastBlock <= firstBlock || lastBlock > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const [first, last] = [Number(firstBlock), Number(lastBlock)];
  return { firstBlock: first, lastBlock: last, blocks: last - first + 1, cut: last >= diskBlocks };
}
