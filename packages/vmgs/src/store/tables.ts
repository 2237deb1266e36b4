/** Both file tables as bytes. */

import { extendedFileTable, FILE_COUNT, fileTable } from "../format/index.ts";
import { decode, encode } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { KEY_SIZE, NONCE_SIZE, TAG_SIZE } from "../steps/index.ts";
import type { FileKey, FileRecord, PlainRecord } from "./state.ts";

/** A record of a file that is stored in plain. */
export function plainRecord(place: PlainRecord): FileRecord {
  return {
    ...place,
    nonce: new Uint8Array(NONCE_SIZE),
    tag: new Uint8Array(TAG_SIZE),
    attributes: 0,
    reserved: new Uint8Array(16),
  };
}

/** The block of a file table: 4096 bytes. */
export function encodeFileTable(files: ReadonlyMap<number, FileRecord>): Uint8Array {
  const none = plainRecord({ fileId: 0, block: 0, blocks: 0, byteLength: 0 });
  const reserved = new Uint8Array(16);
  const entries = Array.from({ length: FILE_COUNT }, (_, fileId) => {
    const record = files.get(fileId) ?? none;
    return {
      offset: record.block,
      allocationSize: record.blocks,
      validDataSize: BigInt(record.byteLength),
      nonce: record.nonce,
      authenticationTag: record.tag,
      attributes: record.attributes,
      reserved,
    };
  });
  return encode(fileTable, { entries });
}

/** The plaintext of an extended file table: 4096 bytes. Holds the keys of the files. */
export function encodeExtendedFileTable(fileKeys: ReadonlyMap<number, FileKey>): Uint8Array {
  const entries = Array.from({ length: FILE_COUNT }, (_, fileId) => {
    const fileKey = fileKeys.get(fileId);
    return {
      attributes: fileKey?.attributes ?? 0,
      encryptionKey: fileKey?.key.expose() ?? new Uint8Array(KEY_SIZE),
      reserved: new Uint8Array(28),
    };
  });
  return encode(extendedFileTable, { entries });
}

/** The keys of allocated files, from the plaintext of an extended file table. */
export function parseExtendedFileTable(
  table: Uint8Array,
  files: ReadonlyMap<number, FileRecord>,
): ReadonlyMap<number, FileKey> {
  const { entries } = decode(extendedFileTable, table);
  const keys = entries.map(({ attributes, encryptionKey }, fileId): [number, FileKey] => [
    fileId,
    { attributes, key: new Secret(encryptionKey) },
  ]);
  return new Map(keys.filter(([fileId]) => files.has(fileId)));
}
