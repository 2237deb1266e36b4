/**
 * The dynamic entries of the state (spec: tpm-nvram, dynamic entries). Values of these structures hold secrets and do
 * not leave this room.
 */

import { bits, bytes, field, type StructValue, struct, u16, u32, u64 } from "../../layout/index.ts";
import {
  algorithmField,
  curveField,
  describeHandle,
  nvAttributesField,
  TPMA_OBJECT,
} from "../protocol/index.ts";
import { buffer, Capacity } from "./buffers.ts";

const secret = { secret: true } as const;
const padding = (size: number) => field(bytes(size), "padding", { padding: true });
const algorithm = (meaning: string) => field(u16, meaning, algorithmField);
const handle = (meaning: string) => field(u32, meaning, { words: describeHandle });
const size = field(u32, "bytes of the entry");

/** How every entry begins. Size 0 ends the list. */
export const entryHeader = struct("entry", { size, handle: handle("NV index or persistent object") });
/** Bytes of it, and so of the smallest entry. */
export const ENTRY_HEADER_SIZE = 8;

/** The end of the list. */
export const terminator = struct("terminator", {
  size: field(u32, "0"),
  maxCounter: field(u64, "highest value that any counter ever had"),
});
/** Bytes of it. */
export const TERMINATOR_SIZE = 12;

/** An NV index; its data follow. */
export const nvIndexEntry = struct("nvIndexEntry", {
  size,
  nvIndex: handle("handle of the index"),
  nameAlg: algorithm("hash of the name"),
  padding1: padding(2),
  attributes: field(u32, "TPMA_NV", nvAttributesField),
  authPolicy: buffer(Capacity.digest, "policy digest; empty = none"),
  dataSize: field(u16, "bytes of the data"),
  authValue: buffer(Capacity.digest, "authorization value", secret),
  padding2: padding(2),
});
/** Bytes before the data. */
export const NV_INDEX_ENTRY_SIZE = 120;

/** An orderly index in its RAM copy; its data follow. Size 0 ends the list. */
export const orderlyRamEntry = struct("orderlyRamEntry", {
  size: field(u32, "bytes of the entry"),
  nvIndex: handle("handle of the index"),
  attributes: field(u32, "TPMA_NV as it is now", nvAttributesField),
});
/** Bytes before the data. */
export const ORDERLY_RAM_ENTRY_SIZE = 12;

/** Flags that the TPM keeps with an object. */
export const objectFlags = bits({
  publicOnly: 0,
  endorsementHierarchy: 1,
  platformHierarchy: 2,
  storageHierarchy: 3,
  persistent: 4,
  primary: 5,
  temporary: 6,
  stClear: 7,
  parent: 13,
  privateExponentCached: 14,
  occupied: 15,
  external: 17,
});

/** TPMT_SYM_DEF_OBJECT */
export const symmetricBuffer = struct("symmetric", {
  algorithm: algorithm("cipher; NULL = none"),
  keyBits: field(u16, "bits of the key"),
  mode: algorithm("mode"),
});
/** TPMT_RSA_SCHEME, TPMT_ECC_SCHEME and TPMT_KEYEDHASH_SCHEME alike. */
export const schemeBuffer = struct("scheme", {
  scheme: algorithm("scheme; NULL = any"),
  hash: algorithm("hash"),
  detail: field(u16, "count of ECDAA, KDF of XOR"),
});
/** TPMT_KDF_SCHEME */
export const kdfBuffer = struct("kdf", { scheme: algorithm("KDF; NULL = none"), hash: algorithm("hash") });

/** Parameters of an RSA key. Those of all types of object share the same 20 bytes. */
export const rsaParameters = struct("rsaParameters", {
  symmetric: field(symmetricBuffer, "protection of children"),
  scheme: field(schemeBuffer, "scheme"),
  keyBits: field(u16, "bits of the modulus"),
  padding1: padding(2),
  exponent: field(u32, "public exponent; 0 = 65537"),
});
/** Parameters of an ECC key. */
export const eccParameters = struct("eccParameters", {
  symmetric: field(symmetricBuffer, "protection of children"),
  scheme: field(schemeBuffer, "scheme"),
  curve: field(u16, "curve", curveField),
  kdf: field(kdfBuffer, "KDF"),
});
/** Parameters of sealed data or an HMAC key. */
export const keyedHashParameters = struct("keyedHashParameters", {
  scheme: field(schemeBuffer, "scheme"),
});
/** Parameters of a symmetric key. */
export const symCipherParameters = struct("symCipherParameters", {
  symmetric: field(symmetricBuffer, "cipher"),
});
const PARAMETERS_SIZE = 20;

/** Unique field of an RSA key. Those of all types of object share the same 258 bytes. */
export const rsaUnique = struct("rsaUnique", { modulus: buffer(Capacity.modulus, "modulus, big-endian") });
/** Unique field of an ECC key. */
export const eccUnique = struct("eccUnique", {
  x: buffer(Capacity.coordinate, "x of the point, big-endian"),
  y: buffer(Capacity.coordinate, "y of the point, big-endian"),
});
/** Unique field of sealed data, an HMAC key or a symmetric key. */
export const digestUnique = struct("digestUnique", { digest: buffer(Capacity.digest, "digest") });
const UNIQUE_SIZE = 258;

/** TPMT_PUBLIC in memory. */
export const publicAreaBuffer = struct("publicArea", {
  type: algorithm("type of the object"),
  nameAlg: algorithm("hash of the name"),
  objectAttributes: field(u32, "TPMA_OBJECT", { bits: TPMA_OBJECT }),
  authPolicy: buffer(Capacity.digest, "policy digest; empty = none"),
  padding1: padding(2),
  parameters: field(bytes(PARAMETERS_SIZE), "parameters of the type"),
  unique: field(bytes(UNIQUE_SIZE), "modulus, point or digest"),
  padding2: padding(2),
});
/** A public area in memory. */
export type PublicAreaBuffer = StructValue<typeof publicAreaBuffer.fields>;

/** TPMT_SENSITIVE in memory. */
export const sensitiveAreaBuffer = struct("sensitiveArea", {
  type: algorithm("type of the object"),
  authValue: buffer(Capacity.digest, "authorization value", secret),
  seedValue: buffer(Capacity.digest, "seed of a parent's children", secret),
  sensitive: buffer(Capacity.sensitive, "one prime of an RSA key, or another private part", secret),
});

const PRIVATE_EXPONENT_SIZE = 608;

/** A persistent object. */
export const objectEntry = struct("objectEntry", {
  size,
  handle: handle("persistent handle"),
  flags: field(u32, "flags that the TPM keeps", { bits: objectFlags }),
  publicArea: field(publicAreaBuffer, "public area"),
  sensitiveArea: field(sensitiveAreaBuffer, "sensitive area"),
  privateExponent: field(bytes(PRIVATE_EXPONENT_SIZE), "private exponent, cached", secret),
  qualifiedName: buffer(Capacity.name, "name with all ancestors"),
  padding1: padding(2),
  evictHandle: handle("persistent handle again"),
  name: buffer(Capacity.name, "name"),
  padding2: padding(6),
});
/** Bytes of it. */
export const OBJECT_ENTRY_SIZE = 1824;
