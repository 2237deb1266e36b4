/** Remains of data in a version 1 file: JSON that no locator leads to, or that can't be read as a whole. */

import { checkObject, checkWhole } from "../arguments/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { read, run, type Steps } from "../steps/index.ts";
import { MAX_V1_DATA_BYTES, readV1Data, type V1Data } from "./data.ts";
import { examineV1 } from "./examine.ts";
import { V1_BLOCK_SIZE } from "./gpt-layout.ts";
import { v1CopyOffset, v1LayoutOf } from "./survey.ts";
import { readV1Variables } from "./variables.ts";

/** A piece of JSON that was found at the start of a block. */
export interface V1Remain {
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** Bytes up to the NUL, or to what is not text any more. */
  readonly bytes: number;
  /** `whole`: reads as data; `cut`: begins like data and ends too early. */
  readonly state: "whole" | "cut";
  /** UEFI variables in it; null when it is cut. */
  readonly variables: number | null;
  /** `LastUpdateTime` as it stands, or null. Untrusted. */
  readonly lastUpdateTime: string | null;
}

/** What carving found. */
export interface V1Carving {
  readonly remains: readonly V1Remain[];
  /** True when there may be more: the disk is larger than is searched, or there are too many. */
  readonly truncated: boolean;
}

/** Bytes of the disk that are searched. */
const MOST_SEARCHED = 1 << 30;
const MOST_REMAINS = 256;
const CHUNK = 1 << 20;
/** `{"` in UTF-16: the first bytes of data. */
const START = [0x7b, 0x00, 0x22, 0x00];

/** Finds JSON at the start of blocks, but for the copies that `cat` reads. */
export async function carveV1(disk: Disk): Promise<V1Carving> {
  checkDisk(disk, "disk");
  return run(carveSteps(disk.byteLength), disk);
}

function* carveSteps(diskBytes: number): Steps<V1Carving> {
  const examination = yield* examineV1(diskBytes);
  const known = new Set(
    examination.copies
      .filter(({ error }) => error === null)
      .map(({ locator }) => v1CopyOffset(v1LayoutOf(examination.survey), locator)),
  );
  const end = Math.min(diskBytes - (diskBytes % V1_BLOCK_SIZE), MOST_SEARCHED);
  const remains: V1Remain[] = [];
  let free = 0;
  for (let at = 0; at < end; at += CHUNK) {
    const chunk = yield* read(at, Math.min(CHUNK, end - at));
    for (let block = 0; block < chunk.length; block += V1_BLOCK_SIZE) {
      const offset = at + block;
      if (offset < free || known.has(offset) || !START.every((byte, i) => chunk[block + i] === byte))
        continue;
      if (remains.length === MOST_REMAINS) return { remains, truncated: true };
      const remain = yield* judge(offset, diskBytes);
      remains.push(remain);
      free = offset + remain.bytes;
    }
  }
  return { remains, truncated: end < diskBytes - (diskBytes % V1_BLOCK_SIZE) };
}

function* judge(offset: number, diskBytes: number): Steps<V1Remain> {
  const bytes = yield* textAt(offset, diskBytes);
  const data = readable(bytes);
  if (data === null) {
    return { offset, bytes: bytes.length, state: "cut", variables: null, lastUpdateTime: null };
  }
  const { list, lastUpdateTime } = readV1Variables(data);
  return { offset, bytes: bytes.length, state: "whole", variables: list.variables.length, lastUpdateTime };
}

function readable(bytes: Uint8Array): V1Data | null {
  try {
    return readV1Data(bytes);
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

/** The bytes of a remain: up to and with its NUL. */
function* textAt(offset: number, diskBytes: number): Steps<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const most = Math.min(MAX_V1_DATA_BYTES, diskBytes - offset);
  while (length < most) {
    const part = yield* read(offset + length, Math.min(64 << 10, most - length));
    const nul = nulIn(part);
    parts.push(nul === undefined ? part : part.subarray(0, nul + 2));
    length += nul === undefined ? part.length : nul + 2;
    if (nul !== undefined) break;
  }
  const text = new Uint8Array(length - (length % 2));
  let at = 0;
  for (const part of parts) {
    text.set(part.subarray(0, text.length - at), at);
    at += part.length;
  }
  return text;
}

function nulIn(part: Uint8Array): number | undefined {
  for (let i = 0; i + 1 < part.length; i += 2) if (part[i] === 0 && part[i + 1] === 0) return i;
  return undefined;
}

/** The bytes of a remain, as they are stored. */
export async function readV1Remain(disk: Disk, remain: V1Remain): Promise<Uint8Array> {
  checkDisk(disk, "disk");
  checkObject(remain, "remain", "offset");
  checkWhole(remain.offset, "remain.offset");
  return run(textAt(remain.offset, disk.byteLength), disk);
}
