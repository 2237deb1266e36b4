/** Recognising a piece of a TPM state, as it is left where the rest was overwritten. Secrets stay here. */

import { checkBytes, checkWhole } from "../../arguments/index.ts";
import { decode, u32 } from "../../layout/index.ts";
import { TPM_ALG } from "../protocol/index.ts";
import {
  NV_INDEX_ENTRY_SIZE,
  nvIndexEntry,
  OBJECT_ENTRY_SIZE,
  objectEntry,
  publicAreaBuffer,
} from "./entry-layout.ts";
import {
  DRBG_MAGIC,
  FIRMWARE_VERSION,
  fixedRegions,
  orderlyData,
  persistentData,
  randomState,
} from "./state-layout.ts";

/** Handles of persistent objects and of NV indices begin with these bytes. */
const PERSISTENT = 0x81;
const NV_INDEX = 0x01;
const OBJECT_TYPES: readonly number[] = [TPM_ALG.RSA, TPM_ALG.ECC, TPM_ALG.KEYEDHASH, TPM_ALG.SYMCIPHER];
const NAME_ALGORITHMS: readonly number[] = [TPM_ALG.SHA1, TPM_ALG.SHA256, TPM_ALG.SHA384];

const FIRMWARE_OFFSET = fixedRegions.offsets.persistent + persistentData.offsets.firmwareV1;
const MAGIC_OFFSET = fixedRegions.offsets.orderly + orderlyData.offsets.random + randomState.offsets.magic;
const PUBLIC_AREA = objectEntry.offsets.publicArea;

/**
 * Why a piece of a block is taken for one of a TPM state, one sentence each; empty when nothing says so. Nothing secret
 * is in them.
 *
 * @param at where the piece begins in its block of 4096 bytes: states begin with a block
 */
export function recogniseTpmStatePiece(bytes: Uint8Array, at: number): string[] {
  checkBytes(bytes, "bytes");
  checkWhole(at, "at");
  const word = (offset: number) => (hasWord(bytes, offset) ? decode(u32, bytes, offset) : null);
  const evidence: string[] = [];
  const firmware = FIRMWARE_OFFSET - at;
  if (word(firmware) === FIRMWARE_VERSION[0] && word(firmware + 4) === FIRMWARE_VERSION[1]) {
    evidence.push(`the firmware version of revision 1.38 is at byte ${FIRMWARE_OFFSET} of the block`);
  }
  if (word(MAGIC_OFFSET - at) === DRBG_MAGIC) {
    evidence.push(`the random generator's magic number is at byte ${MAGIC_OFFSET} of the block`);
  }
  const counts = { objects: 0, indices: 0, numbers: 0 };
  for (let i = 0; i < bytes.length - 16; i++) {
    if (isObject(bytes, i)) counts.objects++;
    else if (isNvIndex(bytes, i)) counts.indices++;
    else if (isPrivateNumber(bytes, i)) counts.numbers++;
  }
  if (counts.objects > 0) evidence.push(`${counts.objects} persistent objects begin in it`);
  if (counts.indices > 0) evidence.push(`${counts.indices} NV indices begin in it`);
  if (counts.numbers > 0) evidence.push(`${counts.numbers} numbers of a cached private key are in it`);
  return evidence;
}

const hasWord = (bytes: Uint8Array, offset: number) => offset >= 0 && offset + 4 <= bytes.length;

const half = (bytes: Uint8Array, at: number) => (bytes[at] as number) | ((bytes[at + 1] as number) << 8);

/** The header of a persistent object: its size, its handle, a type and a hash. */
function isObject(bytes: Uint8Array, i: number): boolean {
  if (bytes[i + 7] !== PERSISTENT || half(bytes, i) !== OBJECT_ENTRY_SIZE || half(bytes, i + 2) !== 0)
    return false;
  const { type, nameAlg } = publicAreaBuffer.offsets;
  const area = i + PUBLIC_AREA;
  return (
    OBJECT_TYPES.includes(half(bytes, area + type)) && NAME_ALGORITHMS.includes(half(bytes, area + nameAlg))
  );
}

/** The header of an NV index: its size is that of header and data. */
function isNvIndex(bytes: Uint8Array, i: number): boolean {
  if (bytes[i + 7] !== NV_INDEX || bytes[i + 3] !== 0 || i + NV_INDEX_ENTRY_SIZE > bytes.length) return false;
  const { nameAlg, padding1, dataSize } = nvIndexEntry.offsets;
  return (
    NAME_ALGORITHMS.includes(half(bytes, i + nameAlg)) &&
    half(bytes, i + padding1) === 0 &&
    decode(u32, bytes, i) === NV_INDEX_ENTRY_SIZE + half(bytes, i + dataSize)
  );
}

/** How a number of 1024 bits lies in memory: room for 16 or 17 words, 16 words in use, then the words. */
const NUMBER_WORDS = 16;
const NUMBER_HEADER = 16;
const NUMBER_BYTES = 128;
/** Random bytes nearly always have about a hundred different values. */
const LEAST_VALUES = 70;

function isPrivateNumber(bytes: Uint8Array, i: number): boolean {
  const room = bytes[i];
  if ((room !== NUMBER_WORDS && room !== NUMBER_WORDS + 1) || bytes[i + 8] !== NUMBER_WORDS) return false;
  for (let at = 1; at < 8; at++) if (bytes[i + at] !== 0 || bytes[i + 8 + at] !== 0) return false;
  const number = bytes.subarray(i + NUMBER_HEADER, i + NUMBER_HEADER + NUMBER_BYTES);
  return number.length === NUMBER_BYTES && new Set(number).size >= LEAST_VALUES;
}
