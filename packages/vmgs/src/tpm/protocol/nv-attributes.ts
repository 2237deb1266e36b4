/** TPMA_NV: the attributes of an NV index (TPM 2.0 Part 2, section 13.4). */

import { checkWhole } from "../../arguments/index.ts";
import { bits } from "../../layout/index.ts";

/** Bits of TPMA_NV. Bits 4 to 7 hold the type of the index and are not named here. */
export const TPMA_NV = bits({
  PPWRITE: 0,
  OWNERWRITE: 1,
  AUTHWRITE: 2,
  POLICYWRITE: 3,
  POLICY_DELETE: 10,
  WRITELOCKED: 11,
  WRITEALL: 12,
  WRITEDEFINE: 13,
  WRITE_STCLEAR: 14,
  GLOBALLOCK: 15,
  PPREAD: 16,
  OWNERREAD: 17,
  AUTHREAD: 18,
  POLICYREAD: 19,
  NO_DA: 25,
  ORDERLY: 26,
  CLEAR_STCLEAR: 27,
  READLOCKED: 28,
  WRITTEN: 29,
  PLATFORMCREATE: 30,
  READ_STCLEAR: 31,
});

/** Attributes of an AK certificate index that the platform makes: 0x42060004. */
export function platformAkCertAttributes(): number {
  return TPMA_NV.of("AUTHWRITE", "OWNERREAD", "AUTHREAD", "NO_DA", "PLATFORMCREATE");
}

/** Attributes of an AK certificate index that is made for the owner: 0x00060006. */
export function ownerAkCertAttributes(): number {
  return TPMA_NV.of("OWNERWRITE", "AUTHWRITE", "OWNERREAD", "AUTHREAD");
}

/** What an NV index holds: TPM_NT in bits 4 to 7 (Part 2, section 13.4). */
export const TPM_NT = { ORDINARY: 0, COUNTER: 1, BITS: 2, EXTEND: 4, PIN_FAIL: 8, PIN_PASS: 9 } as const;

const typeNames = new Map<number, string>(Object.entries(TPM_NT).map(([name, type]) => [type, name]));
const TYPE_SHIFT = 4;
const TYPE_MASK = 0xf;

/** TPM_NT of an index with these attributes. */
export function nvIndexType(attributes: number): number {
  return (attributes >>> TYPE_SHIFT) & TYPE_MASK;
}

/** `COUNTER`, or the number of a type that has no name. */
export function nvIndexTypeName(attributes: number): string {
  const type = nvIndexType(attributes);
  return typeNames.get(type) ?? `type ${type}`;
}

/** The set bits by name, with the type before them when it is not the ordinary one: `COUNTER: OWNERWRITE | WRITTEN`. */
export function describeNvAttributes(attributes: number): string {
  checkWhole(attributes, "attributes");
  const named = TPMA_NV.words((attributes & ~(TYPE_MASK << TYPE_SHIFT)) >>> 0);
  return nvIndexType(attributes) === TPM_NT.ORDINARY ? named : `${nvIndexTypeName(attributes)}: ${named}`;
}

/** Options of a field that holds TPMA_NV. */
export const nvAttributesField = { bits: TPMA_NV, words: describeNvAttributes } as const;
