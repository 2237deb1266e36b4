/** TPMS_NV_PUBLIC: what an NV index is (TPM 2.0 Part 2, section 13.5). */

import { type Decoded, field, sizedValue, struct, u16be, u32be } from "../../layout/index.ts";
import { algorithmField } from "./algorithms.ts";
import { tpm2bDigest } from "./buffers.ts";
import { describeHandle } from "./handles.ts";
import { nvAttributesField } from "./nv-attributes.ts";

/** TPMS_NV_PUBLIC */
export const nvPublic = struct("TPMS_NV_PUBLIC", {
  nvIndex: field(u32be, "handle of the index", { words: describeHandle }),
  nameAlg: field(u16be, "hash of the name", algorithmField),
  attributes: field(u32be, "TPMA_NV", nvAttributesField),
  authPolicy: field(tpm2bDigest, "policy digest; empty = none"),
  dataSize: field(u16be, "bytes of the data"),
});
/** What an NV index is, without its data and its authorization value. */
export type NvPublic = Decoded<typeof nvPublic>;

/** TPM2B_NV_PUBLIC */
export const tpm2bNvPublic = sizedValue(u16be, nvPublic);
