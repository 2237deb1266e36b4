/** The parameters with which a platform makes its virtual TPMs (spec: tpm, constants). */

import { platformAkCertAttributes } from "./protocol/index.ts";

/** What the provisioning marker records about the virtual TPM. */
export interface VtpmParameters {
  /** Version of the TPM reference code: `1.38`. */
  readonly tpmVersion: string;
  /** Bytes of the TPM's NV state (file 3). */
  readonly tpmNvramSize: number;
  /** Bytes of the AK certificate index. */
  readonly akcertSize: number;
  /** TPMA_NV of the AK certificate index before its first write. */
  readonly akcertAttributes: number;
}

/** Bytes of the NV state of a virtual TPM made today, and of one made by the older service. */
export const TPM_NVRAM_SIZE = { current: 32_768, legacy: 16_384 } as const;

/** Bytes of the AK certificate index that a platform makes. */
export const AK_CERTIFICATE_INDEX_SIZE = 4096;
/** Bytes of the attestation report index. */
export const ATTESTATION_REPORT_SIZE = 2900;
/** Bytes of the index that says that a small virtual TPM was repaired. */
export const MITIGATION_MARKER_SIZE = 1;

/** What OpenHCL makes by default. */
export const defaultVtpmParameters: VtpmParameters = {
  tpmVersion: "1.38",
  tpmNvramSize: TPM_NVRAM_SIZE.current,
  akcertSize: AK_CERTIFICATE_INDEX_SIZE,
  akcertAttributes: platformAkCertAttributes(),
};
