/** What the TPM state says (file 3). Loaded when there is one. */

import { isVmgsError } from "../../errors/index.ts";
import {
  type AkCertificate,
  foretellTpmStart,
  readAkCertificate,
  readTpmState,
  type TpmStart,
  type TpmState,
} from "../../tpm/index.ts";

/** The TPM state in file 3. */
export interface TpmEvidence {
  /** Bytes of the file. */
  readonly byteLength: number;
  /** Null when the bytes can't be one. */
  readonly state: TpmState | null;
  readonly akCertificate: AkCertificate | null;
  /** What the next boot does with it. */
  readonly start: TpmStart;
}

/** Reads a TPM state; bytes that can't be one are reported, not thrown. */
export async function readTpmEvidence(bytes: Uint8Array): Promise<TpmEvidence> {
  const known = { byteLength: bytes.length, start: foretellTpmStart(bytes) };
  try {
    const state = await readTpmState(bytes);
    return { ...known, state, akCertificate: await readAkCertificate(state) };
  } catch (error) {
    if (!isVmgsError(error, "VMGS_TPM_STATE_SIZE")) throw error;
    return { ...known, state: null, akCertificate: null };
  }
}
