/** The header: 168 bytes, kept twice (spec: layouts, opening). */

import { checkBytes, checkObject, checkWhole, oneOf } from "../arguments/index.ts";
import type { ErrorCode } from "../errors/index.ts";
import {
  array,
  ascii,
  bits,
  bytes,
  constant,
  type Decoded,
  decode,
  encode,
  field,
  fieldReaders,
  hexNumber,
  problemFinder,
  struct,
  u16,
  u32,
} from "../layout/index.ts";
import { crcOf } from "./crc32.ts";
import { FIRST_DATA_BLOCK, type SectorSize, sectorSizes } from "./geometry.ts";
import { hasOnlyZeros, isAllZero } from "./zeros.ts";

/** Version 3.0: major in bits 16 to 23, minor in bits 0 to 7. */
export const VERSION_3_0 = 0x0003_0000;

/** Values of `encryptionAlgorithm`. */
export const EncryptionAlgorithm = { none: 0, aes256Gcm: 1 } as const;

/** Bits of `markers`. */
export const headerMarkers = bits({ reprovisioned: 0 });

/** Place of a header copy: 0 at byte 0, 1 one sector later. */
export type HeaderSlot = 0 | 1;

const ALGORITHM_NAMES: Readonly<Record<number, string>> = { 0: "none", 1: "AES-256-GCM" };
const hex32 = (value: number) => hexNumber(value, 8);

/** One datastore key's copy of the metadata key. A slot whose key bytes are all zero is empty. */
export const metadataKeySlot = struct("metadataKeySlot", {
  nonce: field(bytes(12), "nonce of the wrapped metadata key"),
  reserved: field(u32, "reserved", { ...constant(0, hex32), padding: true, level: "report" }),
  authenticationTag: field(bytes(16), "tag of the wrapped metadata key"),
  encryptedMetadataKey: field(
    bytes(32),
    "metadata key, encrypted under the datastore key; zero = slot empty",
  ),
});
/** A key slot of a header, decoded: the metadata key, wrapped by a datastore key. */
export type MetadataKeySlot = Decoded<typeof metadataKeySlot>;

/** A header, 168 bytes; there are two copies, of which one is followed (spec: header). */
export const header = struct("header", {
  signature: field(ascii(8), "marks a VMGS header", constant("GUESTRTS")),
  version: field(u32, "format version", {
    words: versionWords,
    ...constant(VERSION_3_0, versionWords),
  }),
  checksum: field(u32, "CRC-32 of the header with this field zero", { words: hex32 }),
  sequence: field(u32, "grows by one with every transaction, wraps at 2^32"),
  headerSize: field(u32, "bytes of this header", constant(168)),
  fileTableOffset: field(u32, "block of the file table", {
    rule: (value) => (value >= FIRST_DATA_BLOCK ? undefined : `is block ${value}, which holds the headers`),
  }),
  fileTableSize: field(u32, "blocks of the file table", constant(1)),
  encryptionAlgorithm: field(u16, "0 none, 1 AES-256-GCM", {
    names: ALGORITHM_NAMES,
    rule: (value) => (ALGORITHM_NAMES[value] !== undefined ? undefined : `is ${value}, which is unknown`),
  }),
  markers: field(u16, "flags of the whole store", {
    bits: headerMarkers,
    rule: (value) =>
      headerMarkers.unknown(value) === 0 ? undefined : `has reserved bits set: ${hexNumber(value, 4)}`,
    level: "report",
  }),
  metadataKeys: field(array(metadataKeySlot, 2), "the metadata key under each datastore key"),
  reserved: field(u32, "reserved", { ...constant(0, hex32), padding: true, level: "report" }),
});

/** A header as it lies on the disk. */
export type Header = Decoded<typeof header>;

/** Bytes of a header. */
export const HEADER_SIZE = 168;

function versionWords(value: number): string {
  const words = `${(value >>> 16) & 0xff}.${value & 0xff}`;
  return (value & 0xff00_ff00) === 0 ? words : `${words} (${hex32(value)})`;
}

const checkSectorBytes = oneOf(sectorSizes);

/** Byte offset of a header copy on a disk. */
export function headerOffset(slot: HeaderSlot, sectorSize: SectorSize): number {
  checkWhole(slot, "slot", 1);
  checkSectorBytes(sectorSize, "sectorSize");
  return slot === 0 ? 0 : sectorSize;
}

/** The slot that the next header goes to. */
export function otherSlot(slot: HeaderSlot): HeaderSlot {
  checkWhole(slot, "slot", 1);
  return slot === 0 ? 1 : 0;
}

/** The sequence number that follows. */
export function nextSequence(sequence: number): number {
  checkWhole(sequence, "sequence");
  return (sequence + 1) >>> 0;
}

const CHECKSUM_ZEROS = new Uint8Array(4);

/** The checksum that the 168 header bytes from `at` on should carry. */
export function headerChecksum(bytes: Uint8Array, at = 0): number {
  checkBytes(bytes, "bytes");
  checkWhole(at, "at");
  return checksumOf(bytes, at);
}

function checksumOf(bytes: Uint8Array, at: number): number {
  const field = at + header.offsets.checksum;
  const before = crcOf(bytes, 0, at, field);
  const withZeros = crcOf(CHECKSUM_ZEROS, before, 0, CHECKSUM_ZEROS.length);
  return crcOf(bytes, withZeros, field + 4, at + HEADER_SIZE);
}

/** Encodes a header with its right checksum. */
export function encodeHeader(value: Omit<Header, "checksum">): Uint8Array<ArrayBuffer> {
  checkObject(value, "value", "reserved", "signature", "version", "sequence");
  const headerBytes = encode(header, { ...value, checksum: 0 });
  return encode(header, { ...value, checksum: headerChecksum(headerBytes) });
}

/** True when the key slot holds nothing. */
export function isEmptyKeySlot(slot: MetadataKeySlot): boolean {
  checkObject(slot, "slot", "nonce", "reserved", "authenticationTag", "encryptedMetadataKey");
  return isAllZero(slot.encryptedMetadataKey);
}

/** A key slot that holds nothing. */
export const emptyKeySlot: MetadataKeySlot = {
  nonce: new Uint8Array(12),
  reserved: 0,
  authenticationTag: new Uint8Array(16),
  encryptedMetadataKey: new Uint8Array(32),
};

/** Why a header can't be used. Not an error yet: the other header may be valid. */
export interface HeaderProblem {
  readonly code: ErrorCode;
  /** What is wrong, without the slot. */
  readonly message: string;
  /** Bytes from the start of the header. */
  readonly offset: number;
}

/** One header copy as it was read, valid or not. */
export interface HeaderReading {
  readonly slot: HeaderSlot;
  readonly header: Header;
  /** The 168 bytes themselves, from which `header` is read. */
  readonly bytes: Uint8Array;
  /** True when all 168 bytes are zero. */
  readonly blank: boolean;
  /** Why the header can't be used, or null when it is valid. */
  readonly problem: HeaderProblem | null;
}

/**
 * Reads and judges the header copy from `at` on. An invalid one is not thrown but described in `problem`. The bytes are
 * not copied and must stay as they are.
 */
export function readHeader(bytes: Uint8Array, slot: HeaderSlot, at = 0): HeaderReading {
  checkBytes(bytes, "bytes");
  checkWhole(slot, "slot", 1);
  checkWhole(at, "at");
  const blank = bytes.length >= at + HEADER_SIZE && hasOnlyZeros(bytes, at, at + HEADER_SIZE);
  const value = blank ? BLANK_HEADER : decode(header, bytes, at);
  const problem = blank ? BLANK : judge(bytes, at);
  return { slot, header: value, bytes: bytes.subarray(at, at + HEADER_SIZE), blank, problem };
}

/** Whether the bytes from `at` on are a header without a problem. False where too few are left. */
export function isValidHeader(bytes: Uint8Array, at = 0): boolean {
  checkBytes(bytes, "bytes");
  checkWhole(at, "at");
  return bytes.length >= at + HEADER_SIZE && judge(bytes, at) === null;
}

const BLANK_HEADER = decode(header, new Uint8Array(HEADER_SIZE));

const BLANK: HeaderProblem = { code: "VMGS_HEADER", message: "is blank", offset: 0 };

const findProblems = problemFinder(header);
const checksumAt = fieldReaders(header).checksum;

function judge(bytes: Uint8Array, at: number): HeaderProblem | null {
  const refused = findProblems(bytes, at).find(({ level }) => level === "refuse");
  if (refused !== undefined) {
    const code: ErrorCode = refused.field === "version" ? "VMGS_VERSION_UNSUPPORTED" : "VMGS_HEADER";
    return { code, message: `${refused.field} ${refused.message}`, offset: refused.offset };
  }
  const checksum = checksumAt(bytes, at);
  const expected = checksumOf(bytes, at);
  if (checksum === expected) return null;
  const message = `checksum is ${hex32(checksum)}, the bytes give ${hex32(expected)}`;
  return { code: "VMGS_HEADER_CHECKSUM", message, offset: header.offsets.checksum };
}
