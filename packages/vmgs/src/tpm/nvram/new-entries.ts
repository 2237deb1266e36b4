/** Entries of a new state. Their bytes hold secrets. */

import { decode, encode } from "../../layout/index.ts";
import {
  akTemplate,
  objectName,
  PersistentHandle,
  primaryQualifiedName,
  type RsaPublicArea,
  srkTemplate,
  TPM_ALG,
  TPM_RH,
  TPMA_NV,
} from "../protocol/index.ts";
import { Capacity, filled } from "./buffers.ts";
import {
  NV_INDEX_ENTRY_SIZE,
  nvIndexEntry,
  OBJECT_ENTRY_SIZE,
  objectEntry,
  objectFlags,
} from "./entry-layout.ts";
import { writeRsaPublicArea } from "./public-area.ts";
import type { RsaKeyMaterial } from "./rsa-key.ts";

interface PrimaryKey {
  readonly handle: number;
  readonly hierarchy: number;
  readonly flags: number;
  readonly template: RsaPublicArea;
  readonly key: RsaKeyMaterial;
  /** Seed of a parent's children; empty for a key that can't be a parent. */
  readonly seedValue: Uint8Array;
}

/** The entry of an attestation key, a primary of the endorsement hierarchy. */
export function newAk(key: RsaKeyMaterial): Promise<Uint8Array> {
  return primaryKeyEntry({
    handle: PersistentHandle.AK,
    hierarchy: TPM_RH.ENDORSEMENT,
    flags: objectFlags.of("endorsementHierarchy", "persistent", "primary", "occupied"),
    template: akTemplate(),
    key,
    seedValue: new Uint8Array(0),
  });
}

/** Bytes of a SHA-256 digest: the seed of a parent's children has as many, and an authorization value is padded to it. */
export const NAME_DIGEST_SIZE = 32;

/** The entry of a storage root key, a primary of the owner hierarchy. */
export function newSrk(key: RsaKeyMaterial, seedValue: Uint8Array): Promise<Uint8Array> {
  return primaryKeyEntry({
    handle: PersistentHandle.SRK,
    hierarchy: TPM_RH.OWNER,
    flags: objectFlags.of("storageHierarchy", "persistent", "primary", "parent", "occupied"),
    template: srkTemplate(),
    key,
    seedValue,
  });
}

/** The private exponent is not cached; the TPM calculates it from the prime. */
async function primaryKeyEntry(primary: PrimaryKey): Promise<Uint8Array> {
  const { handle, key } = primary;
  const area = { ...primary.template, unique: key.modulus };
  const name = await known(objectName(area));
  const qualifiedName = await known(primaryQualifiedName(area.nameAlg, primary.hierarchy, name));
  const zero = decode(objectEntry, new Uint8Array(OBJECT_ENTRY_SIZE));
  return encode(objectEntry, {
    ...zero,
    size: OBJECT_ENTRY_SIZE,
    handle,
    flags: primary.flags,
    publicArea: writeRsaPublicArea(area),
    sensitiveArea: {
      ...zero.sensitiveArea,
      type: TPM_ALG.RSA,
      authValue: filled(Capacity.digest, new Uint8Array(NAME_DIGEST_SIZE)),
      seedValue: filled(Capacity.digest, primary.seedValue),
      sensitive: filled(Capacity.sensitive, key.prime),
    },
    qualifiedName: filled(Capacity.name, qualifiedName),
    evictHandle: handle,
    name: filled(Capacity.name, name),
  });
}

/** SHA-256, the name algorithm of the templates, is there wherever WebCrypto is. */
async function known(name: Promise<Uint8Array | null>): Promise<Uint8Array> {
  return (await name) ?? new Uint8Array(0);
}

/** An NV index to be made. */
export interface NewNvIndex {
  readonly handle: number;
  /** TPMA_NV, without WRITTEN. */
  readonly attributes: number;
  /** Bytes. */
  readonly dataSize: number;
  /** Zeros at its end are not kept, as a TPM does not. */
  readonly authValue: Uint8Array;
  /** At most `dataSize` bytes, padded with zeros; null = never written. */
  readonly data: Uint8Array | null;
}

/** An authorization value as a TPM compares it (TPM 2.0 part 1, "Authorization Values"). */
function withoutTrailingZeros(value: Uint8Array): Uint8Array {
  return value.subarray(0, value.findLastIndex((byte) => byte !== 0) + 1);
}

/** The entry of an NV index with the name algorithm SHA-256 and no policy. */
export function newNvIndex(index: NewNvIndex): Uint8Array {
  const zero = decode(nvIndexEntry, new Uint8Array(NV_INDEX_ENTRY_SIZE));
  const size = NV_INDEX_ENTRY_SIZE + index.dataSize;
  const written = index.data === null ? 0 : TPMA_NV.mask.WRITTEN;
  const entry = new Uint8Array(size);
  entry.set(
    encode(nvIndexEntry, {
      ...zero,
      size,
      nvIndex: index.handle,
      nameAlg: TPM_ALG.SHA256,
      attributes: (index.attributes | written) >>> 0,
      dataSize: index.dataSize,
      authValue: filled(Capacity.digest, withoutTrailingZeros(index.authValue)),
    }),
  );
  if (index.data !== null) entry.set(index.data, NV_INDEX_ENTRY_SIZE);
  return entry;
}
