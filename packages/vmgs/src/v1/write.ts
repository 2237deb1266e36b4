/** Writing a version 1 file (spec: vmgs-v1, writing): the other copy first, then the other header. */

import { having } from "../arguments/index.ts";
import { checkWritableDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { nextSequence } from "../format/index.ts";
import { encode, ucs2z } from "../layout/index.ts";
import { read, run, type Steps } from "../steps/index.ts";
import type { VariableList } from "../uefi/index.ts";
import { checkV1DataSize, readV1Data, type V1Data } from "./data.ts";
import { editV1Variables } from "./edit.ts";
import { V1_BLOCK_SIZE } from "./gpt-layout.ts";
import { encodeV1Header, type V1Index } from "./header.ts";
import { checkV1Locator, type V1Copy, type V1Layout, v1CopyOffset } from "./survey.ts";

/** A change of a version 1 file, ready to be written. */
export interface V1Write {
  /** False when nothing changes: then there is nothing to write. */
  readonly changes: boolean;
  /** The new data. */
  readonly data: V1Data;
  /** Which copy it goes to. */
  readonly index: V1Index;
  /** Which header leads to it. */
  readonly slot: V1Index;
  readonly sequence: number;
  /** Whole blocks, in this order, with a flush after each. */
  readonly writes: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

const checkWanted = having("variables");
const checkLayout = having("headers", "active", "partition", "diskBytes");
const checkCopy = having("index", "locator", "generation", "data");

/**
 * Plans new variables for a version 1 file; nothing is written. The copy that is current stays whole.
 *
 * @throws VmgsError VMGS_SEQUENCE_CONFLICT when it is not certain which copy is the newer; VMGS_V1_LOCATOR,
 * VMGS_V1_CUT, VMGS_INSUFFICIENT_SPACE when the other copy has no sound place, or too small a one; VMGS_V1_JSON as
 * `editV1Variables`
 */
export async function planV1Write(
  disk: WritableDisk,
  layout: V1Layout,
  copy: V1Copy,
  wanted: VariableList,
): Promise<V1Write> {
  checkWritableDisk(disk, "disk");
  checkLayout(layout, "layout");
  checkCopy(copy, "copy");
  checkWanted(wanted, "wanted");
  return run(planSteps(layout, copy, wanted), disk);
}

function* planSteps(layout: V1Layout, copy: V1Copy, wanted: VariableList): Steps<V1Write> {
  const { active, headers } = layout;
  const { header } = headers[active.slot];
  if (copy.generation !== "current") throw new Error("only the current copy can be changed");
  if (active.order === "gap") {
    const [a, b] = headers.map((one) => one.header.sequence);
    const message = `sequences ${a} and ${b} do not follow each other: which copy is the newer is not certain`;
    throw new VmgsError("VMGS_SEQUENCE_CONFLICT", message);
  }
  const text = editV1Variables(copy.data, wanted);
  const bytes = encode(ucs2z, text);
  const index = copy.index === 0 ? 1 : 0;
  const slot = active.slot === 0 ? 1 : 0;
  const sequence = nextSequence(header.sequence);
  const data = readV1Data(bytes);
  if (text === copy.data.text) return { changes: false, data, index, slot, sequence, writes: [] };
  checkV1DataSize(bytes.length);
  const locator = { ...header.locators[index], dataSize: bytes.length } as (typeof header.locators)[number];
  checkRoom(layout, copy, bytes.length, index);
  checkV1Locator(layout, { index, locator, slot });
  const locators = header.locators.map((one, i) => (i === index ? locator : one));
  const headerOffset = (layout.partition.firstBlock + slot) * V1_BLOCK_SIZE;
  const headerBlock = yield* read(headerOffset, V1_BLOCK_SIZE);
  headerBlock.set(encodeV1Header({ ...header, sequence, activeIndex: index, locators }));
  const writes = [
    { offset: v1CopyOffset(layout, locator), bytes: wholeBlocks(bytes) },
    { offset: headerOffset, bytes: headerBlock },
  ];
  return { changes: true, data, index, slot, sequence, writes };
}

function checkRoom({ headers, active }: V1Layout, copy: V1Copy, bytes: number, index: V1Index): void {
  const [current, other] = [copy.locator, headers[active.slot].header.locators[index]];
  if (other === undefined) return;
  if (BigInt(bytes) > other.blocks * BigInt(V1_BLOCK_SIZE)) {
    const limit = Number(other.blocks) * V1_BLOCK_SIZE;
    const message = `the data would take ${bytes} bytes, copy ${index} has room for ${limit}`;
    throw new VmgsError("VMGS_INSUFFICIENT_SPACE", message, { bytes, limit });
  }
  const apart =
    other.firstBlock >= current.firstBlock + current.blocks ||
    current.firstBlock >= other.firstBlock + other.blocks;
  if (!apart) throw new VmgsError("VMGS_V1_LOCATOR", "both copies of the data share blocks");
}

function wholeBlocks(bytes: Uint8Array): Uint8Array {
  const blocks = new Uint8Array(Math.ceil(bytes.length / V1_BLOCK_SIZE) * V1_BLOCK_SIZE);
  blocks.set(bytes);
  return blocks;
}

const checkWrite = having("writes", "data");

/**
 * Writes what was planned. After a power failure at any moment the file has the old variables or the new ones.
 *
 * @throws VmgsError what the disk throws
 */
export async function writeV1(disk: WritableDisk, write: V1Write): Promise<void> {
  checkWritableDisk(disk, "disk");
  checkWrite(write, "write");
  for (const { offset, bytes } of write.writes) {
    await disk.write(offset, bytes);
    await disk.flush();
  }
}
