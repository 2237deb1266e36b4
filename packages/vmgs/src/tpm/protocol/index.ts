/** The TPM 2.0 wire protocol and its constants. Knows bytes, no engine and no store. */
export { ownerAkCertAttributes, platformAkCertAttributes, TPMA_NV } from "./nv-attributes.ts";
