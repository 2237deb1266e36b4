/** The structures of a GPT (UEFI 2.10, section 5.3): a header at either end of the disk, and its entries. */

import {
  ascii,
  bytes,
  constant,
  type Decoded,
  field,
  guid,
  hexNumber,
  struct,
  u8,
  u16,
  u32,
  u64,
} from "../layout/index.ts";

const hex32 = (value: number) => hexNumber(value, 8);

/** Bytes of a block; a version 1 file has no other. */
export const V1_BLOCK_SIZE = 512;
/** The type of the partition that holds the guest state (spec: vmgs-v1, container). */
export const GUEST_STATE_PARTITION = "700f0c12-1515-4e4d-8d32-53f685bf44af";
/** The first bytes of a GPT header. */
export const GPT_SIGNATURE = "EFI PART";
/** Bytes of the declared part of a GPT header. */
export const GPT_HEADER_SIZE = 92;
/** Bytes of one entry. */
export const GPT_ENTRY_SIZE = 128;

/** A GPT header, 92 bytes; the primary one lies in block 1, the backup in the last block. */
export const gptHeader = struct("gptHeader", {
  signature: field(ascii(8), "marks a GPT header", constant(GPT_SIGNATURE)),
  revision: field(u32, "0x00010000 = 1.0", { words: hex32 }),
  headerSize: field(u32, "bytes of the header that the checksum covers", {
    rule: (value) =>
      value >= GPT_HEADER_SIZE && value <= V1_BLOCK_SIZE
        ? undefined
        : `is ${value}, not ${GPT_HEADER_SIZE} to ${V1_BLOCK_SIZE}`,
  }),
  headerChecksum: field(u32, "CRC-32 of the header with this field zero", { words: hex32 }),
  reserved: field(u32, "reserved", { padding: true }),
  myBlock: field(u64, "block of this header"),
  alternateBlock: field(u64, "block of the other header"),
  firstUsableBlock: field(u64, "first block that partitions may use"),
  lastUsableBlock: field(u64, "last block that partitions may use"),
  diskGuid: field(guid, "GUID of the disk"),
  entriesBlock: field(u64, "first block of the entries"),
  entryCount: field(u32, "number of entries", {
    rule: (value) => (value >= 1 && value <= 1024 ? undefined : `is ${value}, not 1 to 1024`),
  }),
  entrySize: field(u32, "bytes of an entry", constant(GPT_ENTRY_SIZE)),
  entriesChecksum: field(u32, "CRC-32 of the entries", { words: hex32 }),
});
/** A GPT header as it lies on the disk. */
export type GptHeader = Decoded<typeof gptHeader>;

/** A partition, 128 bytes. */
export const gptEntry = struct("gptEntry", {
  type: field(guid, "type of the partition", {
    words: (value) => (value === GUEST_STATE_PARTITION ? "guest state" : "unknown"),
  }),
  partitionGuid: field(guid, "GUID of the partition"),
  firstBlock: field(u64, "first block"),
  lastBlock: field(u64, "last block, itself included"),
  attributes: field(u64, "attributes"),
  name: field(bytes(72), "name, UCS-2 LE"),
});
/** A partition as its entry describes it. */
export type GptEntry = Decoded<typeof gptEntry>;

/** The one partition record of a protective MBR that matters: the fourth byte from its start is its type. */
export const protectiveMbr = struct("protectiveMbr", {
  bootCode: field(bytes(446), "boot code, unused", { padding: true }),
  bootIndicator: field(u8, "0 = not bootable"),
  startHeadSectorCylinder: field(bytes(3), "start in cylinders, unused", { padding: true }),
  osType: field(
    u8,
    "0xee = protects a GPT",
    constant(0xee, (value) => hexNumber(value, 2)),
  ),
  endHeadSectorCylinder: field(bytes(3), "end in cylinders, unused", { padding: true }),
  firstBlock: field(u32, "first block, that of the GPT header"),
  blocks: field(u32, "blocks of the disk after the MBR, or all ones"),
  otherRecords: field(bytes(48), "three further records, unused", { padding: true }),
  signature: field(
    u16,
    "0xaa55",
    constant(0xaa55, (value) => hexNumber(value, 4)),
  ),
});
