/** What the guest's own files say: read by the rooms that know them, without a store around. */

import { isVmgsError } from "../../errors/index.ts";
import { FileId } from "../../format/index.ts";
import {
  type AkCertificate,
  foretellTpmStart,
  readAkCertificate,
  readTpmState,
  type TpmStart,
  type TpmState,
} from "../../tpm/index.ts";
import type { FileEvidence } from "./files.ts";
import { type FirmwareEvidence, interpretFirmware } from "./uefi.ts";

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

/** Each part is null when there is no such file, or it can't be read. */
export interface GuestEvidence extends FirmwareEvidence {
  readonly tpm: TpmEvidence | null;
}

/** @param now the moment that certificates are judged by */
export async function interpretGuest(files: readonly FileEvidence[], now: Date): Promise<GuestEvidence> {
  const tpm = files.find(({ record }) => record.fileId === FileId.TPM_NVRAM)?.content ?? null;
  return { tpm: tpm && (await interpretTpm(tpm)), ...(await interpretFirmware(files, now)) };
}

/** Reads a TPM state; bytes that can't be one are told, not thrown. */
export async function interpretTpm(bytes: Uint8Array): Promise<TpmEvidence> {
  const known = { byteLength: bytes.length, start: foretellTpmStart(bytes) };
  try {
    const state = await readTpmState(bytes);
    return { ...known, state, akCertificate: await readAkCertificate(state) };
  } catch (error) {
    if (!isVmgsError(error, "VMGS_TPM_STATE_SIZE")) throw error;
    return { ...known, state: null, akCertificate: null };
  }
}
