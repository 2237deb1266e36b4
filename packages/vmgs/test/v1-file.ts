/** Makes version 1 files, small ones too, for tests of what no golden file holds. */

import { crc32 } from "../src/format/index.ts";
import { encode } from "../src/layout/index.ts";
import {
  GUEST_STATE_PARTITION,
  gptEntry,
  gptHeader,
  protectiveMbr,
  V1_BLOCK_SIZE,
  V1_HEADER_SIZE,
  v1Header,
} from "../src/v1/index.ts";
import { encodeV1Header, gptChecksum, v1HeaderChecksum } from "../src/v1/rooms.ts";

const FIRST_BLOCK = 34;
const FIRST_COPY = 8;

export interface V1FileOptions {
  /** The texts of both copies; the second is the current one. */
  readonly texts: readonly [string, string];
  /** Blocks set aside for each copy. */
  readonly copyBlocks?: number;
}

/** A raw version 1 file. */
export function makeV1File({ texts, copyBlocks = 16 }: V1FileOptions): Uint8Array<ArrayBuffer> {
  const partitionBlocks = FIRST_COPY + 2 * copyBlocks;
  const blocks = FIRST_BLOCK + partitionBlocks + 33;
  const image = new Uint8Array(blocks * V1_BLOCK_SIZE);
  const put = (block: number, bytes: Uint8Array) => image.set(bytes, block * V1_BLOCK_SIZE);
  put(0, mbr(blocks));
  const entries = new Uint8Array(128 * 128);
  entries.set(entry(FIRST_BLOCK, FIRST_BLOCK + partitionBlocks - 1));
  put(2, entries);
  put(blocks - 33, entries);
  put(1, gpt({ at: 1, other: blocks - 1, entriesBlock: 2, entries, blocks }));
  put(blocks - 1, gpt({ at: blocks - 1, other: 1, entriesBlock: blocks - 33, entries, blocks }));
  const copies = texts.map((text) => utf16z(text));
  const locators = copies.map((copy, index) => ({
    firstBlock: BigInt(FIRST_COPY + index * copyBlocks),
    blocks: BigInt(copyBlocks),
    dataSize: copy.length,
    reserved: new Uint8Array(12),
  }));
  for (const slot of [0, 1]) {
    const header = { signature: "GUESTRTS", version: 0x0001_0000, sequence: 7 + slot, headerSize: 96 };
    put(FIRST_BLOCK + slot, encodeV1Header({ ...header, locatorSize: 32, activeIndex: slot, locators }));
    put(FIRST_BLOCK + FIRST_COPY + slot * copyBlocks, copies[slot] as Uint8Array);
  }
  return image;
}

/** Text in UTF-16 LE with a NUL. */
export function utf16z(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length + 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
}

function mbr(blocks: number): Uint8Array {
  return encode(protectiveMbr, {
    bootCode: new Uint8Array(446),
    bootIndicator: 0,
    startHeadSectorCylinder: new Uint8Array(3),
    osType: 0xee,
    endHeadSectorCylinder: new Uint8Array(3),
    firstBlock: 1,
    blocks: blocks - 1,
    otherRecords: new Uint8Array(48),
    signature: 0xaa55,
  });
}

function entry(firstBlock: number, lastBlock: number): Uint8Array {
  return encode(gptEntry, {
    type: GUEST_STATE_PARTITION,
    partitionGuid: "11111111-2222-3333-4444-555555555555",
    firstBlock: BigInt(firstBlock),
    lastBlock: BigInt(lastBlock),
    attributes: 0n,
    name: new Uint8Array(72),
  });
}

interface GptPlaces {
  readonly at: number;
  readonly other: number;
  readonly entriesBlock: number;
  readonly entries: Uint8Array;
  readonly blocks: number;
}

function gpt({ at, other, entriesBlock, entries, blocks }: GptPlaces): Uint8Array {
  const value = {
    signature: "EFI PART",
    revision: 0x0001_0000,
    headerSize: 92,
    reserved: 0,
    myBlock: BigInt(at),
    alternateBlock: BigInt(other),
    firstUsableBlock: 34n,
    lastUsableBlock: BigInt(blocks - 34),
    diskGuid: "99999999-2222-3333-4444-555555555555",
    entriesBlock: BigInt(entriesBlock),
    entryCount: 128,
    entrySize: 128,
    entriesChecksum: crc32(entries),
  };
  const headerChecksum = gptChecksum(encode(gptHeader, { ...value, headerChecksum: 0 }), 92);
  return encode(gptHeader, { ...value, headerChecksum });
}

/** Makes the checksums of a raw version 1 file right again, as far as its parts lie where `makeV1File` puts them. */
export function mendV1File(image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (const block of [1, Math.floor(image.length / V1_BLOCK_SIZE) - 1]) {
    const at = block * V1_BLOCK_SIZE;
    if (at < 0 || at + V1_BLOCK_SIZE > image.length || image[at] !== 0x45) continue;
    const table = Number(view.getBigUint64(at + gptHeader.offsets.entriesBlock, true)) * V1_BLOCK_SIZE;
    if (table + 128 * 128 <= image.length) {
      const checksum = crc32(image.subarray(table, table + 128 * 128));
      view.setUint32(at + gptHeader.offsets.entriesChecksum, checksum, true);
    }
    const checksum = gptChecksum(image.subarray(at, at + V1_BLOCK_SIZE), 92);
    view.setUint32(at + gptHeader.offsets.headerChecksum, checksum, true);
  }
  for (const slot of [0, 1]) {
    const at = (FIRST_BLOCK + slot) * V1_BLOCK_SIZE;
    if (at + V1_HEADER_SIZE > image.length) continue;
    const checksum = v1HeaderChecksum(image.subarray(at, at + V1_HEADER_SIZE));
    view.setUint32(at + v1Header.offsets.checksum, checksum, true);
  }
}
