/** What the guest's own files say: read by the rooms that know them, without a store around. */

import { isVmgsError } from "../../errors/index.ts";
import { FileId } from "../../format/index.ts";
import {
  type GuestFileReading,
  type KeyProtection,
  nameProtection,
  readGuestFile,
} from "../../guest/index.ts";
import { isEncrypted, type StoreState } from "../../store/index.ts";
import {
  type AkCertificate,
  foretellTpmStart,
  readAkCertificate,
  readTpmState,
  type TpmStart,
  type TpmState,
} from "../../tpm/index.ts";
import type { AssumedVm } from "../assumed-vm.ts";
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
  /** The small files that can be read, by file ID. */
  readonly small: SmallFiles;
}

/** Readings of the guest's small files, by file ID. */
export type SmallFiles = ReadonlyMap<number, GuestFileReading>;

/** @param now the moment that certificates are judged by */
export async function interpretGuest(files: readonly FileEvidence[], now: Date): Promise<GuestEvidence> {
  const tpm = files.find(({ record }) => record.fileId === FileId.TPM_NVRAM)?.content ?? null;
  return {
    tpm: tpm && (await interpretTpm(tpm)),
    ...(await interpretFirmware(files, now)),
    small: await readSmallFiles(files),
  };
}

/** Reads the small files whose content was read. */
export async function readSmallFiles(files: readonly FileEvidence[]): Promise<SmallFiles> {
  const found = new Map<number, GuestFileReading>();
  for (const { record, content } of files) {
    const reading = content && (await readGuestFile(record.fileId, content));
    if (reading) found.set(record.fileId, reading);
  }
  return found;
}

const EVERY_SOURCE = { attestation: true };

/** What protects the key of a store, by the content of its files; by those alone that the VM uses, where one is given. */
export function protectionBy(
  files: readonly FileEvidence[],
  state: StoreState,
  { attestation }: Pick<AssumedVm, "attestation"> = EVERY_SOURCE,
): KeyProtection {
  if (!isEncrypted(state)) return "none";
  const contentOf = (id: number) => files.find(({ record }) => record.fileId === id)?.content ?? null;
  return nameProtection({
    keyProtector: attestation ? contentOf(FileId.KEY_PROTECTOR) : null,
    vmUniqueId: attestation ? contentOf(FileId.VM_UNIQUE_ID) : null,
    hwKeyProtector: contentOf(FileId.HW_KEY_PROTECTOR),
  });
}

/** Reads a TPM state; bytes that can't be one are reported, not thrown. */
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
