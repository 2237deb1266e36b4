/** What the file around a store is, and the disk that can be looked for in it even where that is broken. */

import { type Container, type ContainerOptions, detectContainer } from "../../disk/index.ts";
import { isVmgsError, type VmgsError } from "../../errors/index.ts";
import {
  BLOCK_SIZE,
  HEADER_SIZE,
  type HeaderReading,
  hasVhdCookie,
  isAllZero,
  readHeader,
  type SectorSize,
  VHD_COOKIE,
  VHD_FOOTER_SIZE,
} from "../../format/index.ts";
import { read, type Steps } from "../../steps/index.ts";
import type { DiskSize } from "../../store/rooms.ts";

/** A header, and where it was found. */
export interface PlacedHeader {
  /** Byte offset in the file. */
  readonly at: number;
  readonly reading: HeaderReading;
}

/** What was read of the file before any store in it. */
export interface ContainerEvidence {
  readonly fileBytes: number;
  /** What the file is; null when that is not known. */
  readonly container: Container | null;
  /** Why it is not known, or why hosts refuse the file. */
  readonly error: VmgsError | null;
  /** The disk that the rest was read from; where `container` is null, what is left of one. Null: there is none. */
  readonly disk: DiskSize | null;
  /** The last 512 bytes, or null when there are fewer. */
  readonly footer: Uint8Array | null;
  /** Offset of a footer's cookie in the last KiB, where it should be or not; or null. */
  readonly cookieAt: number | null;
  /** Valid headers in the three places where one can be: byte 0, 512 and 4096. */
  readonly validHeaders: readonly PlacedHeader[];
  /** Whether one of those places has the signature of a header. */
  readonly hasSignature: boolean;
  /** Offset of the first byte that is not zero among the first `MOST_SEARCHED`; null when all of them are. */
  readonly firstByteAt: number | null;
  /** Offset of the first byte that is not zero between the end of the disk and the footer, or null. */
  readonly behindDiskAt: number | null;
}

/** Places of headers: slot 0, and slot 1 with either sector size. */
const HEADER_PLACES = [0, 512, 4096] as const;
const HEAD_BYTES = 2 * BLOCK_SIZE;
const FOOTER_AND_MORE = 1024;

/** @throws VmgsError VMGS_SECTOR_SIZE when the options ask for what the file can't have; VMGS_IO */
export function* gatherContainer(fileBytes: number, options: ContainerOptions): Steps<ContainerEvidence> {
  const { container, error } = yield* detect(fileBytes, options);
  const head = yield* read(0, Math.min(HEAD_BYTES, fileBytes));
  const tailAt = Math.max(0, fileBytes - FOOTER_AND_MORE);
  const tail = yield* read(tailAt, fileBytes - tailAt);
  const footer = fileBytes < VHD_FOOTER_SIZE ? null : tail.subarray(tail.length - VHD_FOOTER_SIZE);
  const headers = HEADER_PLACES.filter((at) => head.length >= at + HEADER_SIZE).map((at) => ({
    at,
    reading: readHeader(head, at === 0 ? 0 : 1, at),
  }));
  const validHeaders = headers.filter(({ reading }) => reading.problem === null);
  const disk = container ?? remains(fileBytes, options, error, footer, validHeaders);
  const diskEnd = container?.diskBytes ?? fileBytes;
  return {
    fileBytes,
    container,
    error,
    disk: disk === null ? null : { sectorSize: disk.sectorSize, byteLength: bytesOf(disk) },
    footer,
    cookieAt: findCookie(tail, tailAt),
    validHeaders,
    hasSignature: headers.some(({ reading }) => reading.header.signature === SIGNATURE),
    firstByteAt: yield* firstByteIn(0, fileBytes),
    behindDiskAt: container?.kind === "vhd" ? yield* firstByteIn(diskEnd, fileBytes - VHD_FOOTER_SIZE) : null,
  };
}

const SIGNATURE = "GUESTRTS";

const bytesOf = (disk: Container | DiskSize) => ("diskBytes" in disk ? disk.diskBytes : disk.byteLength);

interface Detection {
  readonly container: Container | null;
  readonly error: VmgsError | null;
}

function* detect(fileBytes: number, options: ContainerOptions): Steps<Detection> {
  try {
    return { container: yield* detectContainer(fileBytes, options), error: null };
  } catch (error) {
    if (!isVmgsError(error) || isVmgsError(error, "VMGS_SECTOR_SIZE", "VMGS_IO")) throw error;
    return { container: null, error };
  }
}

/** The disk that a broken container leaves: all whole sectors before what may be a footer. */
function remains(
  fileBytes: number,
  options: ContainerOptions,
  error: VmgsError | null,
  footer: Uint8Array | null,
  validHeaders: readonly PlacedHeader[],
): DiskSize | null {
  if (error?.code === "VMGS_OTHER_DISK_FORMAT" || error?.code === "VMGS_DISK_EMPTY") return null;
  // A dynamic VHD begins with a copy of its footer: there is no store where one would be.
  if (error?.code === "VMGS_VHD_NOT_FIXED" && validHeaders.length === 0) return null;
  const end = footer !== null && hasVhdCookie(footer) ? fileBytes - VHD_FOOTER_SIZE : fileBytes;
  const byteLength = end - (end % 512);
  if (byteLength === 0) return null;
  return { sectorSize: options.sectorSize ?? sectorSizeOf(validHeaders), byteLength };
}

function sectorSizeOf(validHeaders: readonly PlacedHeader[]): SectorSize {
  const has = (place: number) => validHeaders.some(({ at }) => at === place);
  return has(4096) && !has(512) ? 4096 : 512;
}

function findCookie(tail: Uint8Array, tailAt: number): number | null {
  for (let at = tail.length - VHD_COOKIE.length; at >= 0; at--) {
    if (hasVhdCookie(tail.subarray(at))) return tailAt + at;
  }
  return null;
}

const CHUNK = 1 << 20;
/** No more bytes than this are searched for one that is not zero. */
export const MOST_SEARCHED = 64 << 20;

/** Offset of the first byte that is not zero, from `start` to `end`; null when there is none in what is searched. */
export function* firstByteIn(start: number, end: number): Steps<number | null> {
  const stop = Math.min(end, start + MOST_SEARCHED);
  for (let at = start; at < stop; at += CHUNK) {
    const chunk = yield* read(at, Math.min(CHUNK, stop - at));
    if (!isAllZero(chunk)) return at + chunk.findIndex((byte) => byte !== 0);
  }
  return null;
}
