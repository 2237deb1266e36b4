/** The file table (file 0) and the extended file table (file 63): one block, 64 entries each. */

import { checkWhole } from "../arguments/index.ts";
import { array, bits, bytes, type Decoded, field, hexNumber, struct, u32, u64 } from "../layout/index.ts";
import { FILE_COUNT } from "./geometry.ts";
import { zeros } from "./zeros.ts";

/** Bits of `attributes` in both tables. */
export const fileAttributes = bits({ encrypted: 0, authenticated: 1 });

/** Whether content is stored sealed. AES-GCM both encrypts and authenticates; either bit alone means the same. */
export function isSealed(attributes: number): boolean {
  checkWhole(attributes, "attributes");
  return fileAttributes.has(attributes, "encrypted") || fileAttributes.has(attributes, "authenticated");
}

const attributes = (meaning: string) =>
  field(u32, meaning, {
    bits: fileAttributes,
    rule: (value) =>
      fileAttributes.unknown(value) === 0 ? undefined : `has unknown bits: ${hexNumber(value)}`,
    level: "report",
  });

/** Where a file lies, and how its content is sealed. `allocationSize` 0 = the file does not exist. */
export const fileTableEntry = struct("fileTableEntry", {
  offset: field(u32, "first block"),
  allocationSize: field(u32, "blocks; 0 = not allocated"),
  validDataSize: field(u64, "bytes of content"),
  nonce: field(bytes(12), "nonce of the content"),
  authenticationTag: field(bytes(16), "tag of the content"),
  attributes: attributes("how the content is stored; a copy of the extended entry"),
  reserved: field(bytes(16), "reserved", zeros),
});
/** An entry of the file table, decoded; `offset` and `allocationSize` in blocks of 4096 bytes. */
export type FileTableEntry = Decoded<typeof fileTableEntry>;

/** The file table, one block: where each file lies. */
export const fileTable = struct("fileTable", {
  entries: field(array(fileTableEntry, FILE_COUNT), "one entry for each file ID"),
});

/** The key of a file. The whole table is encrypted when the store is. */
export const extendedFileTableEntry = struct("extendedFileTableEntry", {
  attributes: attributes("how the content is stored"),
  encryptionKey: field(bytes(32), "key of the content", { secret: true }),
  reserved: field(bytes(28), "reserved", zeros),
});
/** An entry of the extended file table, decoded. Its key is a secret. */
export type ExtendedFileTableEntry = Decoded<typeof extendedFileTableEntry>;

/** The content of file 63, which holds the key of every encrypted file. */
export const extendedFileTable = struct("extendedFileTable", {
  entries: field(array(extendedFileTableEntry, FILE_COUNT), "one entry for each file ID"),
});

/** Bytes of one entry of either table. */
export const TABLE_ENTRY_SIZE = 64;
