/** The virtual TPM: what the rest of the library needs to know of it. Knows bytes, not stores. */
export { ownerAkCertAttributes, platformAkCertAttributes, TPMA_NV } from "./protocol/index.ts";
export { defaultVtpmParameters, TPM_NVRAM_SIZE, type VtpmParameters } from "./vtpm-parameters.ts";
