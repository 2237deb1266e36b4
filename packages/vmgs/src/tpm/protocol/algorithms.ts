/** TPM_ALG_ID and TPM_ECC_CURVE (TPM 2.0 Part 2, sections 6.3 and 6.4). */

import { checkWhole } from "../../arguments/index.ts";
import { hexNumber, valueNames } from "../../layout/index.ts";

/** Algorithm identifiers. */
export const TPM_ALG = {
  RSA: 0x0001,
  TDES: 0x0003,
  SHA1: 0x0004,
  HMAC: 0x0005,
  AES: 0x0006,
  MGF1: 0x0007,
  KEYEDHASH: 0x0008,
  XOR: 0x000a,
  SHA256: 0x000b,
  SHA384: 0x000c,
  SHA512: 0x000d,
  NULL: 0x0010,
  SM3_256: 0x0012,
  SM4: 0x0013,
  RSASSA: 0x0014,
  RSAES: 0x0015,
  RSAPSS: 0x0016,
  OAEP: 0x0017,
  ECDSA: 0x0018,
  ECDH: 0x0019,
  ECDAA: 0x001a,
  SM2: 0x001b,
  ECSCHNORR: 0x001c,
  ECMQV: 0x001d,
  KDF1_SP800_56A: 0x0020,
  KDF2: 0x0021,
  KDF1_SP800_108: 0x0022,
  ECC: 0x0023,
  SYMCIPHER: 0x0025,
  CAMELLIA: 0x0026,
  SHA3_256: 0x0027,
  SHA3_384: 0x0028,
  SHA3_512: 0x0029,
  CTR: 0x0040,
  OFB: 0x0041,
  CBC: 0x0042,
  CFB: 0x0043,
  ECB: 0x0044,
} as const;

/** Identifiers of elliptic curves. */
export const TPM_ECC_CURVE = {
  NIST_P192: 0x0001,
  NIST_P224: 0x0002,
  NIST_P256: 0x0003,
  NIST_P384: 0x0004,
  NIST_P521: 0x0005,
  BN_P256: 0x0010,
  BN_P638: 0x0011,
  SM2_P256: 0x0020,
} as const;

const algorithmNames = valueNames(TPM_ALG);
const curveNames = valueNames(TPM_ECC_CURVE);

/** `SHA256`, or hexadecimal for an identifier that has no name here. */
export function algorithmName(algorithm: number): string {
  checkWhole(algorithm, "algorithm");
  return algorithmNames[algorithm] ?? hexNumber(algorithm, 4);
}

/** `NIST_P256`, or hexadecimal for an identifier that has no name here. */
export function curveName(curve: number): string {
  checkWhole(curve, "curve");
  return curveNames[curve] ?? hexNumber(curve, 4);
}

/** Options of a field that holds an algorithm. */
export const algorithmField = { names: algorithmNames, words: algorithmName } as const;
/** Options of a field that holds a curve. */
export const curveField = { names: curveNames, words: curveName } as const;
