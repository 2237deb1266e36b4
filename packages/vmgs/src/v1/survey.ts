/** Everything that can be found out about a version 1 file, sound or not. */

import { isVmgsError, VmgsError } from "../errors/index.ts";
import { kept, read, readInto, type Steps } from "../steps/index.ts";
import { checkV1DataSize, readV1Data, type V1Data } from "./data.ts";
import { V1_BLOCK_SIZE } from "./gpt-layout.ts";
import {
  chooseV1Header,
  readV1Header,
  type V1Active,
  type V1HeaderPair,
  type V1Index,
  type V1Locator,
} from "./header.ts";
import { type Gpt, type GuestStatePartition, listsGuestState, readGpt } from "./read-gpt.ts";

/** Where the parts of a version 1 file lie, as far as that can be found out. */
export interface V1Survey {
  readonly diskBytes: number;
  readonly gpt: Gpt;
  /** Null when there is no partition to look into. */
  readonly headers: V1HeaderPair | null;
  /** Null when no header counts. */
  readonly active: V1Active | null;
  /** Why nothing can be read at all; null when at least the current copy has a place. */
  readonly error: VmgsError | null;
}

/** A survey of a file with a header that counts. */
export interface V1Layout extends V1Survey {
  readonly headers: V1HeaderPair;
  readonly active: V1Active;
  readonly partition: GuestStatePartition;
}

/**
 * Reads GPT and headers. What is wrong with them is described and not thrown.
 *
 * @param diskBytes bytes of the disk, without a VHD footer
 *
 * @internal
 */
export function* surveyV1(diskBytes: number): Steps<V1Survey> {
  const gpt = yield* readGpt(diskBytes);
  const nothing = { diskBytes, gpt, headers: null, active: null };
  const { partition } = gpt;
  if (partition === null) return { ...nothing, error: noPartition(gpt) };
  const at = partition.firstBlock * V1_BLOCK_SIZE;
  if (at + 2 * V1_BLOCK_SIZE > diskBytes) {
    const message = `the disk has ${diskBytes} bytes and ends before the guest state partition`;
    return { ...nothing, error: new VmgsError("VMGS_V1_CUT", message, { offset: at, bytes: diskBytes }) };
  }
  const blocks = kept(2 * V1_BLOCK_SIZE);
  yield readInto(at, blocks);
  const headers: V1HeaderPair = [
    readV1Header(blocks.subarray(0, V1_BLOCK_SIZE), 0),
    readV1Header(blocks.subarray(V1_BLOCK_SIZE), 1),
  ];
  try {
    return { diskBytes, gpt, headers, active: chooseV1Header(headers), error: null };
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    return { diskBytes, gpt, headers, active: null, error };
  }
}

function noPartition({ primary, backup, followed }: Gpt): VmgsError {
  if (followed === null) {
    const message = `neither copy of the GPT can be used: the primary ${primary.problem}; the backup ${backup.problem}`;
    return new VmgsError("VMGS_V1_GPT", message);
  }
  const count = followed.entries.length;
  const partitions = count === 1 ? "1 partition" : `${count} partitions`;
  const message = listsGuestState(followed)
    ? `a GPT disk whose guest state partition lies nowhere: blocks that end before they begin, or that no disk has`
    : `a GPT disk with ${partitions} and no guest state partition: the disk of something else`;
  return new VmgsError("VMGS_V1_NO_PARTITION", message);
}

/**
 * The survey as one that has a header that counts.
 *
 * @throws VmgsError the survey's `error`
 */
export function v1LayoutOf(survey: V1Survey): V1Layout {
  const { headers, active, gpt, error } = survey;
  if (headers !== null && active !== null && gpt.partition !== null) {
    return { ...survey, headers, active, partition: gpt.partition };
  }
  throw error ?? new VmgsError("VMGS_V1_NO_VALID_HEADER", "no version 1 header counts");
}

/** Which copy of the data: the one of the active header, or the other, which is usually the generation before. */
export type V1Generation = "current" | "previous";

/** The place of a copy of the data. */
export interface V1CopyPlace {
  readonly index: V1Index;
  readonly locator: V1Locator;
  /** Slot of the header that the locator was taken from. */
  readonly slot: V1Index;
}

/** Where the copy of a generation lies. The header that made the other copy current knows its size, where it is valid. */
export function v1CopyPlace({ headers, active }: V1Layout, generation: V1Generation): V1CopyPlace {
  const { header, slot } = headers[active.slot];
  const current = header.activeIndex as V1Index;
  if (generation === "current") return placeIn(header.locators, current, slot);
  const index = current === 0 ? 1 : 0;
  const other = headers[slot === 0 ? 1 : 0];
  const knows = other.problem === null && other.header.activeIndex === index;
  return knows ? placeIn(other.header.locators, index, other.slot) : placeIn(header.locators, index, slot);
}

function placeIn(locators: readonly V1Locator[], index: V1Index, slot: V1Index): V1CopyPlace {
  return { index, locator: locators[index] as V1Locator, slot };
}

/**
 * Checks that a locator lies inside the partition, after the headers, and its data inside its blocks and the disk.
 *
 * @throws VmgsError VMGS_V1_LOCATOR, VMGS_V1_CUT, VMGS_V1_DATA
 */
export function checkV1Locator(layout: V1Layout, { index, locator }: V1CopyPlace): void {
  const { partition, diskBytes } = layout;
  const { firstBlock, blocks, dataSize } = locator;
  const fault = (message: string) => new VmgsError("VMGS_V1_LOCATOR", `locator ${index}: ${message}`);
  if (firstBlock < 2n) throw fault(`begins at block ${firstBlock}, where the headers lie`);
  if (firstBlock + blocks > BigInt(partition.blocks)) {
    throw fault(
      `${blocks} blocks from ${firstBlock} on reach past the partition (${partition.blocks} blocks)`,
    );
  }
  if (BigInt(dataSize) > blocks * BigInt(V1_BLOCK_SIZE)) {
    throw fault(`${dataSize} bytes of data do not fit its ${blocks} blocks`);
  }
  checkV1DataSize(dataSize);
  const end = v1CopyOffset(layout, locator) + dataSize;
  if (end > diskBytes) {
    const message = `copy ${index} of the data ends at byte ${end}, the disk at ${diskBytes}`;
    throw new VmgsError("VMGS_V1_CUT", message, { offset: end, limit: diskBytes });
  }
}

/** Bytes from the start of the disk to those of a copy. */
export function v1CopyOffset({ partition }: V1Layout, { firstBlock }: V1Locator): number {
  return (partition.firstBlock + Number(firstBlock)) * V1_BLOCK_SIZE;
}

/** A copy of the data with its place. */
export interface V1Copy extends V1CopyPlace {
  readonly generation: V1Generation;
  readonly data: V1Data;
}

/**
 * Reads a copy of the data.
 *
 * @throws VmgsError as `checkV1Locator` and `readV1Data`
 *
 * @internal
 */
export function* readV1Copy(layout: V1Layout, generation: V1Generation): Steps<V1Copy> {
  const place = v1CopyPlace(layout, generation);
  checkV1Locator(layout, place);
  const bytes = yield* read(v1CopyOffset(layout, place.locator), place.locator.dataSize);
  return { ...place, generation, data: readV1Data(bytes) };
}
