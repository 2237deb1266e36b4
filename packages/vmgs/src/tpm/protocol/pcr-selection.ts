/** TPML_PCR_SELECTION: which PCRs of which banks (TPM 2.0 Part 2, sections 10.6.1 and 10.9.7). */

import { bits, type Decoded, field, list, sized, struct, u8, u16be, u32be } from "../../layout/index.ts";
import { algorithmField, TPM_ALG } from "./algorithms.ts";

/** PCRs of one bank; bit n of the select is PCR n, lowest bit of the first byte first. */
export const pcrSelection = struct("TPMS_PCR_SELECTION", {
  hash: field(u16be, "bank", algorithmField),
  select: field(sized(u8, 4), "bitmap of PCRs"),
});
/** TPML_PCR_SELECTION */
export const pcrSelections = list(u32be, pcrSelection, 16);
/** PCRs of one bank. */
export type PcrSelection = Decoded<typeof pcrSelection>;

/** Bits of a bank bitmap as the firmware asks for banks (TCG PC Client Physical Presence Interface). */
export const PCR_BANK = bits({ SHA1: 0, SHA256: 1, SHA384: 2, SHA512: 3, SM3_256: 4 });

/** Bytes of a PCR select of a PC Client TPM: 24 PCRs. */
const SELECT_BYTES = 3;

/**
 * What PCR_Allocate is given: all PCRs of every bank in `wanted`, none of the other banks in `supported`.
 * Both are bitmaps of `PCR_BANK`.
 */
export function pcrAllocation(wanted: number, supported: number): PcrSelection[] {
  return PCR_BANK.names(supported).map((bank) => ({
    hash: TPM_ALG[bank],
    select: new Uint8Array(SELECT_BYTES).fill(PCR_BANK.has(wanted, bank) ? 0xff : 0),
  }));
}
