/**
 * What the guest's own files say: read by the rooms that know them, without a store around. What reads a file is loaded
 * when the file is there.
 */

import { FileId } from "../../format/index.ts";
import { type GuestFileReading, guestFileIds, type KeyProtection } from "../../guest/index.ts";
import { isEncrypted, type StoreState } from "../../store/index.ts";
import type { AssumedVm } from "../assumed-vm.ts";
import type { FileEvidence } from "./files.ts";
import type { TpmEvidence } from "./tpm.ts";
import { type FirmwareEvidence, interpretFirmware } from "./uefi.ts";

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

/** Reads a TPM state; bytes that can't be one are reported, not thrown. */
export async function interpretTpm(bytes: Uint8Array): Promise<TpmEvidence> {
  const { readTpmEvidence } = await import("./tpm.ts");
  return readTpmEvidence(bytes);
}

/** Reads the small files whose content was read. */
export async function readSmallFiles(files: readonly FileEvidence[]): Promise<SmallFiles> {
  const found = new Map<number, GuestFileReading>();
  const small = files.filter(({ record, content }) => content && guestFileIds.includes(record.fileId));
  if (small.length === 0) return found;
  const { readGuestFile } = await import("./small-file.ts");
  for (const { record, content } of small) {
    const reading = content && (await readGuestFile(record.fileId, content));
    if (reading) found.set(record.fileId, reading);
  }
  return found;
}

const EVERY_SOURCE = { attestation: true };

/**
 * What protects the key of a store, by the content of its files; by those alone that the VM uses, where one is given.
 * `none` where no encrypted store is opened.
 */
export async function protectionBy(
  files: readonly FileEvidence[],
  state: StoreState | null,
  { attestation }: Pick<AssumedVm, "attestation"> = EVERY_SOURCE,
): Promise<KeyProtection> {
  if (state === null || !isEncrypted(state)) return "none";
  const { nameProtection } = await import("./small-file.ts");
  const contentOf = (id: number) => files.find(({ record }) => record.fileId === id)?.content ?? null;
  return nameProtection({
    keyProtector: attestation ? contentOf(FileId.KEY_PROTECTOR) : null,
    vmUniqueId: attestation ? contentOf(FileId.VM_UNIQUE_ID) : null,
    hwKeyProtector: contentOf(FileId.HW_KEY_PROTECTOR),
  });
}
