/** TPMS_CAPABILITY_DATA: what GetCapability answers (TPM 2.0 Part 2, section 10.10). */

import {
  type Codec,
  type Decoded,
  field,
  list,
  sized,
  struct,
  tagged,
  u8,
  u16be,
  u32be,
} from "../../layout/index.ts";
import { algorithmField } from "./algorithms.ts";
import { pcrSelections } from "./pcr-selection.ts";

/** TPM_CAP: what can be asked for (Part 2, section 6.12). */
export const TPM_CAP = {
  ALGS: 0,
  HANDLES: 1,
  COMMANDS: 2,
  PP_COMMANDS: 3,
  AUDIT_COMMANDS: 4,
  PCRS: 5,
  TPM_PROPERTIES: 6,
  PCR_PROPERTIES: 7,
  ECC_CURVES: 8,
} as const;

/** TPM_PT: properties that are asked for here (Part 2, section 6.13). */
export const TPM_PT = {
  FAMILY_INDICATOR: 0x100,
  REVISION: 0x102,
  MANUFACTURER: 0x105,
  FIRMWARE_VERSION_1: 0x10b,
  FIRMWARE_VERSION_2: 0x10c,
  NV_INDEX_MAX: 0x117,
  NV_BUFFER_MAX: 0x12c,
  PERMANENT: 0x200,
  STARTUP_CLEAR: 0x201,
  LOCKOUT_COUNTER: 0x20e,
} as const;

/** More than any answer that fits a reply. */
const MAX_COUNT = 1024;

const algorithm = struct("TPMS_ALG_PROPERTY", {
  algorithm: field(u16be, "algorithm", algorithmField),
  attributes: field(u32be, "TPMA_ALGORITHM"),
});
const property = struct("TPMS_TAGGED_PROPERTY", {
  property: field(u32be, "TPM_PT"),
  value: field(u32be, "value"),
});
const pcrProperty = struct("TPMS_TAGGED_PCR_SELECT", {
  property: field(u32be, "TPM_PT_PCR"),
  select: field(sized(u8, 4), "bitmap of PCRs"),
});

const listOf = <T>(element: Codec<T>, meaning: string) =>
  struct("capability", { entries: field(list(u32be, element, MAX_COUNT), meaning) });
const numbers = (meaning: string) => listOf(u32be, meaning);

/** TPMS_CAPABILITY_DATA; `kind` is the name of the capability in `TPM_CAP`. */
export const capabilityData = tagged("capability", u32be, {
  ALGS: [TPM_CAP.ALGS, listOf(algorithm, "algorithms")],
  HANDLES: [TPM_CAP.HANDLES, numbers("handles")],
  COMMANDS: [TPM_CAP.COMMANDS, numbers("TPMA_CC of each command")],
  PP_COMMANDS: [TPM_CAP.PP_COMMANDS, numbers("commands that need physical presence")],
  AUDIT_COMMANDS: [TPM_CAP.AUDIT_COMMANDS, numbers("commands that are audited")],
  PCRS: [TPM_CAP.PCRS, struct("capability", { entries: field(pcrSelections, "PCR banks") })],
  TPM_PROPERTIES: [TPM_CAP.TPM_PROPERTIES, listOf(property, "properties")],
  PCR_PROPERTIES: [TPM_CAP.PCR_PROPERTIES, listOf(pcrProperty, "PCRs with a property")],
  ECC_CURVES: [TPM_CAP.ECC_CURVES, listOf(u16be, "curves")],
});
/** What GetCapability answers. */
export type CapabilityData = Decoded<typeof capabilityData>;
