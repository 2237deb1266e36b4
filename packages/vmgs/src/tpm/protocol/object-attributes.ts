/** TPMA_OBJECT: the attributes of an object (TPM 2.0 Part 2, section 8.3). */

import { bits } from "../../layout/index.ts";

/** Bits of TPMA_OBJECT. */
export const TPMA_OBJECT = bits({
  fixedTPM: 1,
  stClear: 2,
  fixedParent: 4,
  sensitiveDataOrigin: 5,
  userWithAuth: 6,
  adminWithPolicy: 7,
  noDA: 10,
  encryptedDuplication: 11,
  restricted: 16,
  decrypt: 17,
  sign: 18,
});

/** Attributes of an AK that a platform makes: 0x00050472. A certificate is only renewed for exactly these. */
export function akAttributes(): number {
  return TPMA_OBJECT.of(
    "fixedTPM",
    "fixedParent",
    "sensitiveDataOrigin",
    "userWithAuth",
    "noDA",
    "restricted",
    "sign",
  );
}

/** Attributes of an EK of the TCG EK credential profile: 0x000300b2. */
export function ekAttributes(): number {
  return TPMA_OBJECT.of(
    "fixedTPM",
    "fixedParent",
    "sensitiveDataOrigin",
    "adminWithPolicy",
    "restricted",
    "decrypt",
  );
}

/** Attributes of an SRK: 0x00030472. */
export function srkAttributes(): number {
  return TPMA_OBJECT.of(
    "fixedTPM",
    "fixedParent",
    "sensitiveDataOrigin",
    "userWithAuth",
    "noDA",
    "restricted",
    "decrypt",
  );
}
