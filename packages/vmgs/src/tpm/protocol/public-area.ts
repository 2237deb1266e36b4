/** TPMT_PUBLIC: the public part of an object on the wire (TPM 2.0 Part 2, section 12.2.4). */

import { checkObject } from "../../arguments/index.ts";
import {
  type Decoded,
  field,
  hexNumber,
  sizedValue,
  struct,
  tagged,
  u16be,
  u32be,
} from "../../layout/index.ts";
import { algorithmField, curveField, TPM_ALG } from "./algorithms.ts";
import { tpm2b, tpm2bDigest } from "./buffers.ts";
import { TPMA_OBJECT } from "./object-attributes.ts";

const nothing = struct("nothing", {});
const hashed = struct("TPMS_SCHEME_HASH", { hash: field(u16be, "hash", algorithmField) });
const block = struct("TPMT_SYM_DEF_OBJECT", {
  keyBits: field(u16be, "bits of the key"),
  mode: field(u16be, "mode", algorithmField),
});

/** TPMT_SYM_DEF_OBJECT: how the children of a parent are encrypted; NULL for any other object. */
export const symmetricDefinition = tagged("symmetric definition", u16be, {
  NULL: [TPM_ALG.NULL, nothing],
  AES: [TPM_ALG.AES, block],
  SM4: [TPM_ALG.SM4, block],
  CAMELLIA: [TPM_ALG.CAMELLIA, block],
  TDES: [TPM_ALG.TDES, block],
});

/** TPMT_RSA_SCHEME */
export const rsaScheme = tagged("RSA scheme", u16be, {
  NULL: [TPM_ALG.NULL, nothing],
  RSASSA: [TPM_ALG.RSASSA, hashed],
  RSAES: [TPM_ALG.RSAES, nothing],
  RSAPSS: [TPM_ALG.RSAPSS, hashed],
  OAEP: [TPM_ALG.OAEP, hashed],
});

/** TPMT_ECC_SCHEME */
export const eccScheme = tagged("ECC scheme", u16be, {
  NULL: [TPM_ALG.NULL, nothing],
  ECDSA: [TPM_ALG.ECDSA, hashed],
  ECDH: [TPM_ALG.ECDH, hashed],
  ECDAA: [
    TPM_ALG.ECDAA,
    struct("TPMS_SIG_SCHEME_ECDAA", { ...hashed.fields, count: field(u16be, "counter value") }),
  ],
  SM2: [TPM_ALG.SM2, hashed],
  ECSCHNORR: [TPM_ALG.ECSCHNORR, hashed],
  ECMQV: [TPM_ALG.ECMQV, hashed],
});

/** TPMT_KDF_SCHEME */
export const kdfScheme = tagged("KDF scheme", u16be, {
  NULL: [TPM_ALG.NULL, nothing],
  MGF1: [TPM_ALG.MGF1, hashed],
  KDF1_SP800_56A: [TPM_ALG.KDF1_SP800_56A, hashed],
  KDF2: [TPM_ALG.KDF2, hashed],
  KDF1_SP800_108: [TPM_ALG.KDF1_SP800_108, hashed],
});

/** TPMT_KEYEDHASH_SCHEME */
export const keyedHashScheme = tagged("keyed hash scheme", u16be, {
  NULL: [TPM_ALG.NULL, nothing],
  HMAC: [TPM_ALG.HMAC, hashed],
  XOR: [
    TPM_ALG.XOR,
    struct("TPMS_SCHEME_XOR", { ...hashed.fields, kdf: field(u16be, "KDF", algorithmField) }),
  ],
});

const start = {
  nameAlg: field(u16be, "hash of the name", algorithmField),
  objectAttributes: field(u32be, "TPMA_OBJECT", { bits: TPMA_OBJECT }),
  authPolicy: field(tpm2bDigest, "policy digest; empty = none"),
};

const rsaPublic = struct("RSA public area", {
  ...start,
  symmetric: field(symmetricDefinition, "protection of children"),
  scheme: field(rsaScheme, "scheme"),
  keyBits: field(u16be, "bits of the modulus"),
  exponent: field(u32be, "public exponent; 0 = 65537", {
    words: (value) => (value === 0 ? "65537" : hexNumber(value)),
  }),
  unique: field(tpm2b, "modulus, big-endian"),
});

const eccPublic = struct("ECC public area", {
  ...start,
  symmetric: field(symmetricDefinition, "protection of children"),
  scheme: field(eccScheme, "scheme"),
  curve: field(u16be, "curve", curveField),
  kdf: field(kdfScheme, "KDF"),
  x: field(tpm2b, "x of the point, big-endian"),
  y: field(tpm2b, "y of the point, big-endian"),
});

const keyedHashPublic = struct("keyed hash public area", {
  ...start,
  scheme: field(keyedHashScheme, "scheme"),
  unique: field(tpm2bDigest, "binds the public to the sensitive area"),
});

const symCipherPublic = struct("symmetric cipher public area", {
  ...start,
  symmetric: field(symmetricDefinition, "cipher"),
  unique: field(tpm2bDigest, "binds the public to the sensitive area"),
});

/** TPMT_PUBLIC; `kind` is its algorithm. */
export const publicArea = tagged("public area", u16be, {
  RSA: [TPM_ALG.RSA, rsaPublic],
  ECC: [TPM_ALG.ECC, eccPublic],
  KEYEDHASH: [TPM_ALG.KEYEDHASH, keyedHashPublic],
  SYMCIPHER: [TPM_ALG.SYMCIPHER, symCipherPublic],
});

/** The public part of an object. */
export type PublicArea = Decoded<typeof publicArea>;
/** The public part of an RSA key. */
export type RsaPublicArea = Extract<PublicArea, { kind: "RSA" }>;

/** TPM2B_PUBLIC */
export const tpm2bPublic = sizedValue(u16be, publicArea);

/** The exponent that an RSA public area means: 0 stands for 65537. */
export function rsaExponent(area: RsaPublicArea): number {
  checkObject(area, "area", "kind", "symmetric", "scheme", "keyBits");
  return area.exponent === 0 ? 65_537 : area.exponent;
}
