/** The footer of a fixed VHD: 512 bytes after the store, big-endian (spec: the disk file; VHD 1.0). */

import { checkBytes, checkDate, checkObject, checkWhole, withMembers } from "../arguments/index.ts";
import { type ErrorCode, VmgsError } from "../errors/index.ts";
import {
  ascii,
  bytes,
  type Decoded,
  decode,
  encode,
  field,
  fieldReaders,
  hexNumber,
  struct,
  u8,
  u16be,
  u32be,
  u64be,
} from "../layout/index.ts";
import { zeros } from "./zeros.ts";

/** Bytes of the footer. */
export const VHD_FOOTER_SIZE = 512;
/** First bytes of a footer. */
export const VHD_COOKIE = "conectix";

/** Values of `diskType`. */
export const VhdDiskType = { fixed: 2, dynamic: 3, differencing: 4 } as const;

const VHD_VERSION_1_0 = 0x0001_0000;
const VHD_EPOCH = Date.UTC(2000, 0, 1);
const hex32 = (value: number) => hexNumber(value, 8);
const DISK_TYPE_NAMES: Readonly<Record<number, string>> = { 2: "fixed", 3: "dynamic", 4: "differencing" };

/** The 512 bytes at the end of a VHD, big-endian (VHD Image Format Specification 1.0). */
export const vhdFooter = struct("vhdFooter", {
  cookie: field(ascii(8), "marks a VHD footer"),
  features: field(u32be, "2 = reserved bit, always set"),
  formatVersion: field(u32be, "0x00010000 = 1.0", { words: hex32 }),
  dataOffset: field(u64be, "all ones for a fixed disk", { words: (value) => hexNumber(value, 16) }),
  timeStamp: field(u32be, "seconds since 2000-01-01 00:00:00 UTC", {
    words: (value) => vhdTime(value) ?? "not set",
  }),
  creatorApplication: field(ascii(4), "program that made the disk"),
  creatorVersion: field(u32be, "its version", { words: hex32 }),
  creatorHostOs: field(ascii(4), "Wi2k or Mac"),
  originalSize: field(u64be, "bytes of the disk when it was made"),
  currentSize: field(u64be, "bytes of the disk now, without the footer"),
  cylinders: field(u16be, "geometry: cylinders"),
  heads: field(u8, "geometry: heads"),
  sectorsPerTrack: field(u8, "geometry: sectors per track"),
  diskType: field(u32be, "2 = fixed", { names: DISK_TYPE_NAMES }),
  checksum: field(u32be, "ones' complement of the sum of all bytes with this field zero", { words: hex32 }),
  uniqueId: field(bytes(16), "GUID of the disk"),
  savedState: field(u8, "1 = the virtual machine is saved"),
  reserved: field(bytes(427), "reserved", zeros),
});

/** A VHD footer as it lies on the disk. */
export type VhdFooter = Decoded<typeof vhdFooter>;

/** The footer's time as ISO 8601, or null when it was not set. */
export function vhdTime(timeStamp: number): string | null {
  checkWhole(timeStamp, "timeStamp");
  return timeStamp === 0 ? null : new Date(VHD_EPOCH + timeStamp * 1000).toISOString();
}

/** The checksum that 512 footer bytes should carry. */
export function vhdChecksum(footerBytes: Uint8Array): number {
  checkBytes(footerBytes, "footerBytes");
  const at = vhdFooter.offsets.checksum;
  return ~(sumOf(footerBytes, 0, at) + sumOf(footerBytes, at + 4, VHD_FOOTER_SIZE)) >>> 0;
}

/** Four bytes at a time: each store in a VHD is judged so before anything else. Both parts hold a multiple of four. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i += 4) {
    sum +=
      (bytes[i] as number) + (bytes[i + 1] as number) + (bytes[i + 2] as number) + (bytes[i + 3] as number);
  }
  return sum;
}

/** True when the bytes begin with the footer's cookie. */
export function hasVhdCookie(footerBytes: Uint8Array): boolean {
  checkBytes(footerBytes, "footerBytes");
  for (let i = 0; i < VHD_COOKIE.length; i++) if (footerBytes[i] !== VHD_COOKIE.charCodeAt(i)) return false;
  return true;
}

const read = fieldReaders(vhdFooter);

/**
 * Reads the footer of a fixed VHD and checks it against the file around it.
 *
 * @param footerBytes the last 512 bytes of the file, with the cookie
 * @param fileBytes length of the whole file
 * @throws VmgsError VMGS_VHD_CHECKSUM, VMGS_VHD_VERSION, VMGS_VHD_NOT_FIXED, VMGS_VHD_SIZE
 */
export function readVhdFooter(footerBytes: Uint8Array, fileBytes: number): VhdFooter {
  vhdDiskBytes(footerBytes, fileBytes);
  return decode(vhdFooter, footerBytes);
}

/**
 * Bytes of the disk that a footer is of. Checks as `readVhdFooter` does, and reads nothing else.
 *
 * @throws VmgsError VMGS_VHD_CHECKSUM, VMGS_VHD_VERSION, VMGS_VHD_NOT_FIXED, VMGS_VHD_SIZE
 */
export function vhdDiskBytes(footerBytes: Uint8Array, fileBytes: number): number {
  checkBytes(footerBytes, "footerBytes");
  checkWhole(fileBytes, "fileBytes");
  const start = fileBytes - VHD_FOOTER_SIZE;
  const checksum = read.checksum(footerBytes, 0);
  const expected = vhdChecksum(footerBytes);
  if (checksum !== expected) {
    const message = `checksum is ${hex32(checksum)}, the bytes give ${hex32(expected)}`;
    throw footerError("VMGS_VHD_CHECKSUM", message, "checksum", start);
  }
  const version = read.formatVersion(footerBytes, 0);
  if (version !== VHD_VERSION_1_0) {
    const message = `format version is ${hex32(version)}, not ${hex32(VHD_VERSION_1_0)}`;
    throw footerError("VMGS_VHD_VERSION", message, "formatVersion", start);
  }
  const diskType = read.diskType(footerBytes, 0);
  if (diskType !== VhdDiskType.fixed) throw notFixed(diskType, start + vhdFooter.offsets.diskType);
  const diskBytes = read.currentSize(footerBytes, 0);
  if (diskBytes > start) {
    const message = `the disk has ${diskBytes} bytes, the file holds ${start} before the footer`;
    throw footerError("VMGS_VHD_SIZE", message, "currentSize", start);
  }
  if (Number(diskBytes) % 512 !== 0) {
    const message = `the disk has ${diskBytes} bytes, which is not a multiple of 512`;
    throw footerError("VMGS_VHD_SIZE", message, "currentSize", start);
  }
  return Number(diskBytes);
}

function footerError(
  code: ErrorCode,
  message: string,
  field: keyof typeof vhdFooter.fields,
  start: number,
): VmgsError {
  return new VmgsError(code, `VHD footer: ${message}`, { offset: start + vhdFooter.offsets[field] });
}

/** The error for a VHD that is not fixed, naming what it is. */
export function notFixed(diskType: number, offset: number): VmgsError {
  const kind = DISK_TYPE_NAMES[diskType] ?? `of type ${diskType}`;
  return new VmgsError("VMGS_VHD_NOT_FIXED", `the VHD is ${kind}, not fixed`, { offset });
}

/** What the footer of a new fixed VHD says. */
export interface NewVhdFooter {
  /** Bytes of the disk without the footer, a multiple of 512. */
  readonly diskBytes: number;
  /** 16 bytes; random for a new disk. */
  readonly uniqueId: Uint8Array;
  readonly created: Date;
}

const checkNewFooter = withMembers({ diskBytes: checkWhole, uniqueId: checkBytes, created: checkDate });

/**
 * Makes the footer of a new fixed VHD, filled as the VHD specification says. The creator is given as `win `, because
 * other tools trust the size field only from creators they know (docs/decisions/0006-vhd-creator.md).
 */
export function makeVhdFooter(values: NewVhdFooter): Uint8Array<ArrayBuffer> {
  checkNewFooter(values, "values");
  const { diskBytes, uniqueId, created } = values;
  const seconds = Math.floor((created.getTime() - VHD_EPOCH) / 1000);
  const footer: VhdFooter = {
    cookie: VHD_COOKIE,
    features: 2,
    formatVersion: VHD_VERSION_1_0,
    dataOffset: 0xffff_ffff_ffff_ffffn,
    timeStamp: Math.min(Math.max(seconds, 0), 0xffff_ffff),
    creatorApplication: "win ",
    creatorVersion: 0x000a_0000,
    creatorHostOs: "Wi2k",
    originalSize: BigInt(diskBytes),
    currentSize: BigInt(diskBytes),
    ...vhdGeometry(diskBytes / 512),
    diskType: VhdDiskType.fixed,
    checksum: 0,
    uniqueId,
    savedState: 0,
    reserved: new Uint8Array(427),
  };
  return encodeVhdFooter(footer);
}

/** The 512 bytes of a footer, with its right checksum. */
export function encodeVhdFooter(footer: Omit<VhdFooter, "checksum">): Uint8Array<ArrayBuffer> {
  checkObject(footer, "footer", "reserved", "cookie", "features", "formatVersion");
  const blank = encode(vhdFooter, { ...footer, checksum: 0 });
  return encode(vhdFooter, { ...footer, checksum: vhdChecksum(blank) });
}

/** The footer of the same disk with another size: its unique ID, time and original size stay. */
export function resizedVhdFooter(footer: VhdFooter, diskBytes: number): VhdFooter {
  checkObject(footer, "footer", "cookie", "features", "formatVersion", "dataOffset");
  checkWhole(diskBytes, "diskBytes");
  const { cookie, features, formatVersion, dataOffset, timeStamp, creatorApplication } = footer;
  const { creatorVersion, creatorHostOs, originalSize, diskType, uniqueId, savedState, reserved } = footer;
  return {
    ...{ cookie, features, formatVersion, dataOffset, timeStamp, creatorApplication },
    ...{ creatorVersion, creatorHostOs, originalSize, diskType, uniqueId, savedState, reserved },
    currentSize: BigInt(diskBytes),
    ...vhdGeometry(diskBytes / 512),
    checksum: 0,
  };
}

/** Cylinders, heads and sectors of a disk, by the algorithm in the appendix of the VHD 1.0 specification. */
export function vhdGeometry(sectors: number): Pick<VhdFooter, "cylinders" | "heads" | "sectorsPerTrack"> {
  checkWhole(sectors, "sectors");
  const total = Math.min(sectors, 65_535 * 16 * 255);
  if (total >= 65_535 * 16 * 63) {
    return { cylinders: Math.floor(total / 255 / 16), heads: 16, sectorsPerTrack: 255 };
  }
  let sectorsPerTrack = 17;
  let tracks = Math.floor(total / sectorsPerTrack);
  let heads = Math.max(4, Math.floor((tracks + 1023) / 1024));
  if (tracks >= heads * 1024 || heads > 16) {
    sectorsPerTrack = 31;
    heads = 16;
    tracks = Math.floor(total / sectorsPerTrack);
  }
  if (tracks >= heads * 1024) {
    sectorsPerTrack = 63;
    heads = 16;
    tracks = Math.floor(total / sectorsPerTrack);
  }
  return { cylinders: Math.floor(tracks / heads), heads, sectorsPerTrack };
}
