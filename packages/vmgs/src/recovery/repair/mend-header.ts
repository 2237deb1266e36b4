/** Putting a damaged header right where its content is known: by its checksum, or by everything else that it says. */

import {
  BLOCK_SIZE,
  EncryptionAlgorithm,
  encodeHeader,
  FIRST_DATA_BLOCK,
  FileId,
  HEADER_SIZE,
  type Header,
  type HeaderReading,
  header,
  headerChecksum,
  headerMarkers,
  isAllZero,
  isEmptyKeySlot,
  nextSequence,
  readHeader,
} from "../../format/index.ts";
import { decode, encode } from "../../layout/index.ts";
import { Secret } from "../../secret/index.ts";
import { peek, type Steps, unseal } from "../../steps/index.ts";
import type { StoreGeometry } from "../../store/index.ts";
import { unsealExtendedFileTable } from "../../store/rooms.ts";
import { type FileTableEvidence, recogniseFileTable } from "../recognise-file-table.ts";

export interface MendedHeader {
  /** The 168 bytes. */
  readonly bytes: Uint8Array;
  readonly reading: HeaderReading;
  readonly evidence: readonly string[];
}

/** A damaged header, and what else is known. */
export interface MendContext {
  readonly geometry: StoreGeometry;
  /** The other header, valid or not. */
  readonly other: HeaderReading;
  /** Datastore key, to confirm the key slots of an encrypted store. */
  readonly key: Secret | undefined;
}

/** The header as it was, or null when that is not certain. */
export function* mendHeader(reading: HeaderReading, context: MendContext): Steps<MendedHeader | null> {
  if (reading.blank) return null;
  const byChecksum = mendByChecksum(reading);
  if (byChecksum !== null) {
    const { fileTableOffset } = byChecksum.reading.header;
    const table = yield* tableAt(fileTableOffset, context.geometry);
    return { ...byChecksum, evidence: [...byChecksum.evidence, ...(table?.evidence ?? [])] };
  }
  return yield* mendByContent(reading, context);
}

/** Fields that have one value only. */
const CONSTANTS = { signature: "GUESTRTS", headerSize: HEADER_SIZE, fileTableSize: 1 } as const;

function* tableAt(block: number, { blockCapacity }: StoreGeometry): Steps<FileTableEvidence | null> {
  if (block < FIRST_DATA_BLOCK || block >= blockCapacity) return null;
  return recogniseFileTable(yield* peek(block * BLOCK_SIZE, BLOCK_SIZE), block, blockCapacity);
}

/** The checksum proves what was damaged: a field with one value only, or a single bit. */
function mendByChecksum({ slot, bytes }: HeaderReading): MendedHeader | null {
  const value = decode(header, bytes);
  const names = (Object.keys(CONSTANTS) as (keyof typeof CONSTANTS)[]).filter(
    (name) => value[name] !== CONSTANTS[name],
  );
  if (names.length > 0) {
    const fixed = encode(header, { ...value, ...CONSTANTS });
    const mended = readHeader(fixed, slot);
    const evidence = [`with ${names.join(" and ")} put right, the checksum matches`];
    if (mended.problem === null) return { bytes: fixed, reading: mended, evidence };
  }
  const candidates: { bit: number; mended: HeaderReading }[] = [];
  const checksumAt = header.offsets.checksum;
  for (let bit = 0; bit < HEADER_SIZE * 8; bit++) {
    const at = bit >>> 3;
    if (at >= checksumAt && at < checksumAt + 4) continue;
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << (bit & 7));
    if (headerChecksum(flipped) !== value.checksum) continue;
    const mended = readHeader(flipped, slot);
    if (mended.problem === null) candidates.push({ bit, mended });
  }
  const [found] = candidates;
  if (candidates.length !== 1 || found === undefined) return null;
  const where = `bit ${found.bit & 7} of byte ${found.bit >>> 3}`;
  return {
    bytes: found.mended.bytes,
    reading: found.mended,
    evidence: [`the checksum matches when ${where} is flipped back, and for no other single bit`],
  };
}

/** The checksum proves nothing, but every field is confirmed by something else. */
function* mendByContent(reading: HeaderReading, context: MendContext): Steps<MendedHeader | null> {
  const value: Header = { ...decode(header, reading.bytes), ...CONSTANTS };
  const bytes = encodeHeader(value);
  const mended = readHeader(bytes, reading.slot);
  if (mended.problem !== null) return null;
  const table = yield* tableAt(value.fileTableOffset, context.geometry);
  if (table === null || table.table.problems.length > 0) return null;
  const { other } = context;
  const related = decode(header, other.bytes);
  const follows = value.sequence === nextSequence(related.sequence);
  if (!follows && related.sequence !== nextSequence(value.sequence)) return null;
  const isPlausible =
    value.reserved === 0 &&
    value.markers === related.markers &&
    headerMarkers.unknown(value.markers) === 0 &&
    value.encryptionAlgorithm === related.encryptionAlgorithm &&
    value.fileTableOffset !== related.fileTableOffset;
  if (!isPlausible) return null;
  const keys = yield* confirmKeys(value, table, context.key);
  if (keys === null) return null;
  const order = follows ? "follows" : "precedes";
  const damaged = (Object.keys(CONSTANTS) as (keyof typeof CONSTANTS)[]).filter(
    (name) => reading.header[name] !== CONSTANTS[name],
  );
  const evidence = [
    ...damaged.map((name) => `${name} can only be ${CONSTANTS[name]}`),
    ...table.evidence,
    `its sequence number ${value.sequence} ${order} that of the other header`,
    "its flags and its algorithm are those of the other header",
    keys,
  ];
  return { bytes, reading: mended, evidence };
}

/** Whether the key slots are as they were: empty, or the key opens one of them and with it the table. */
function* confirmKeys(
  value: Header,
  { table }: FileTableEvidence,
  key: Secret | undefined,
): Steps<string | null> {
  if (value.encryptionAlgorithm === EncryptionAlgorithm.none) {
    const empty = value.metadataKeys.every(
      (slot) => isAllZero(slot.nonce) && isAllZero(slot.authenticationTag) && isEmptyKeySlot(slot),
    );
    return empty ? "its key slots are empty, as in every plain store" : null;
  }
  const record = table.files.get(FileId.EXTENDED_FILE_TABLE);
  if (key === undefined || record?.byteLength !== BLOCK_SIZE) return null;
  const used = value.metadataKeys.filter((slot) => !isEmptyKeySlot(slot));
  for (const { nonce, encryptedMetadataKey, authenticationTag } of used) {
    const sealed = new Uint8Array([...encryptedMetadataKey, ...authenticationTag]);
    const metadataKey = yield* unseal(key, nonce, sealed);
    if (metadataKey === null) continue;
    const opened = yield* unsealExtendedFileTable(record, new Secret(metadataKey));
    metadataKey.fill(0);
    if (opened === null) continue;
    opened.fill(0);
    // A second slot can't be confirmed by this key.
    return used.length === 1 ? "the key opens its key slot, and that the extended file table" : null;
  }
  return null;
}
