/** The header of a version 1 file: 96 bytes in blocks 0 and 1 of the partition (spec: vmgs-v1, header). */

import { type ErrorCode, VmgsError } from "../errors/index.ts";
import { crc32, isAllZero, nextSequence } from "../format/index.ts";
import {
  array,
  ascii,
  bytes,
  constant,
  type Decoded,
  decode,
  encode,
  field,
  hexNumber,
  problems,
  struct,
  u32,
  u64,
} from "../layout/index.ts";

const hex32 = (value: number) => hexNumber(value, 8);

/** Version 1.0: major in the upper half, minor in the lower. */
export const VERSION_1_0 = 0x0001_0000;

const versionWords = (value: number) => `${value >>> 16}.${value & 0xffff}`;

/** Where a copy of the data lies, in blocks of the partition. */
export const v1Locator = struct("v1Locator", {
  firstBlock: field(u64, "first block, counted from the start of the partition"),
  blocks: field(u64, "blocks set aside for the copy"),
  dataSize: field(u32, "bytes of the data"),
  reserved: field(bytes(12), "reserved", {
    padding: true,
    rule: (value) => (isAllZero(value) ? undefined : "is not zero"),
    level: "report",
  }),
});
/** A locator as it lies in a header. */
export type V1Locator = Decoded<typeof v1Locator>;

/** A header of a version 1 file. */
export const v1Header = struct("v1Header", {
  signature: field(ascii(8), "marks a VMGS header", constant("GUESTRTS")),
  version: field(u32, "format version", {
    words: versionWords,
    ...constant(VERSION_1_0, versionWords),
  }),
  checksum: field(u32, "CRC-32 of the header with this field zero", { words: hex32 }),
  sequence: field(u32, "grows by one with every change, wraps at 2^32"),
  headerSize: field(u32, "bytes of this header", constant(96)),
  locatorSize: field(u32, "bytes of a locator", constant(32)),
  activeIndex: field(u32, "which locator holds the current data", {
    rule: (value) => (value <= 1 ? undefined : `is ${value}, not 0 or 1`),
  }),
  locators: field(array(v1Locator, 2), "where both copies of the data lie"),
});
/** A header as it lies on the disk. */
export type V1Header = Decoded<typeof v1Header>;

/** Bytes of a version 1 header. */
export const V1_HEADER_SIZE = 96;

/** Header slot or copy of the data: 0 or 1. */
export type V1Index = 0 | 1;

const ZEROS = new Uint8Array(4);

/** The checksum that the 96 header bytes should carry. */
export function v1HeaderChecksum(headerBytes: Uint8Array): number {
  const at = v1Header.offsets.checksum;
  const before = crc32(ZEROS, crc32(headerBytes, 0, 0, at));
  return crc32(headerBytes, before, at + 4, V1_HEADER_SIZE);
}

/** The 96 bytes of a header, with its right checksum. */
export function encodeV1Header(value: Omit<V1Header, "checksum">): Uint8Array<ArrayBuffer> {
  const blank = encode(v1Header, { ...value, checksum: 0 });
  return encode(v1Header, { ...value, checksum: v1HeaderChecksum(blank) });
}

/** One header as it was read, valid or not. */
export interface V1HeaderReading {
  readonly slot: V1Index;
  readonly header: V1Header;
  /** True when all 96 bytes are zero. */
  readonly blank: boolean;
  /** Why the header can't be used; null when it is valid. */
  readonly problem: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Both headers, by slot. */
export type V1HeaderPair = readonly [V1HeaderReading, V1HeaderReading];

/** Reads and judges a header. An invalid one is not thrown but described. */
export function readV1Header(headerBytes: Uint8Array, slot: V1Index): V1HeaderReading {
  const header = decode(v1Header, headerBytes);
  const blank = isAllZero(headerBytes, 0, V1_HEADER_SIZE);
  return { slot, header, blank, problem: blank ? BLANK : judge(header, headerBytes) };
}

const BLANK = { code: "VMGS_HEADER", message: "is blank" } as const;

function judge(header: V1Header, headerBytes: Uint8Array): V1HeaderReading["problem"] {
  const refused = problems(v1Header, header).find(({ level }) => level === "refuse");
  const expected = v1HeaderChecksum(headerBytes);
  if (refused !== undefined) {
    const code = refused.field === "version" ? "VMGS_VERSION_UNSUPPORTED" : "VMGS_HEADER";
    return { code, message: `${refused.field} ${refused.message}` };
  }
  if (header.checksum === expected) return null;
  const message = `checksum is ${hex32(header.checksum)}, the bytes give ${hex32(expected)}`;
  return { code: "VMGS_HEADER_CHECKSUM", message };
}

/**
 * How the two headers stand to each other: `follows` when one has the sequence after the other's, `gap` when both are
 * valid and their sequences are not neighbours, `single` when only one is valid.
 */
export type V1HeaderOrder = "follows" | "gap" | "single";

/** The header that counts. */
export interface V1Active {
  readonly slot: V1Index;
  readonly order: V1HeaderOrder;
}

/**
 * Decides which header counts. With a gap it is the one that is ahead by fewer than 2^31 changes.
 *
 * @throws VmgsError VMGS_V1_NO_VALID_HEADER, VMGS_VERSION_UNSUPPORTED
 */
export function chooseV1Header([first, second]: V1HeaderPair): V1Active {
  if (first.problem !== null && second.problem !== null) throw noValidHeader(first, second);
  if (first.problem !== null) return { slot: 1, order: "single" };
  if (second.problem !== null) return { slot: 0, order: "single" };
  const [a, b] = [first.header.sequence, second.header.sequence];
  if (b === nextSequence(a)) return { slot: 1, order: "follows" };
  if (a === nextSequence(b)) return { slot: 0, order: "follows" };
  return { slot: ((b - a) | 0) > 0 ? 1 : 0, order: "gap" };
}

function noValidHeader(first: V1HeaderReading, second: V1HeaderReading): VmgsError {
  const other = [first, second].every(({ problem, blank }) => {
    return blank || problem?.code === "VMGS_VERSION_UNSUPPORTED";
  });
  const code =
    other && !(first.blank && second.blank) ? "VMGS_VERSION_UNSUPPORTED" : "VMGS_V1_NO_VALID_HEADER";
  const why = (reading: V1HeaderReading) => `header ${reading.slot}: ${reading.problem?.message}`;
  return new VmgsError(code, `no valid version 1 header: ${why(first)}; ${why(second)}`);
}
