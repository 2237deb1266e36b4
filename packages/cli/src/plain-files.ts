/** Which files of an encrypted store are encrypted (spec: file IDs, encryption; docs/decisions/0007-what-is-encrypted.md). */

import { FileId, isEncrypted, listFiles, type StoreState } from "vmgskit";

/** Files that are read before the store can be unlocked, or are meant to be read without a key. */
const PLAIN_BY_DESIGN: readonly number[] = [
  FileId.ATTEST,
  FileId.KEY_PROTECTOR,
  FileId.VM_UNIQUE_ID,
  FileId.GUEST_FIRMWARE,
  FileId.HW_KEY_PROTECTOR,
  FileId.PROVENANCE_DOC,
  FileId.PROVISIONING_MARKER,
];

/** Files that hold secrets of the guest. */
export const SECRET_FILES: readonly number[] = [
  FileId.BIOS_NVRAM,
  FileId.TPM_PPI,
  FileId.TPM_NVRAM,
  FileId.TPM_NVRAM_BACKUP,
  FileId.TPM_185_NVRAM,
];

function isPlainByDesign(fileId: number): boolean {
  return PLAIN_BY_DESIGN.includes(fileId);
}

/** Whether a file is written encrypted when nobody says otherwise: as it was; a new one unless it is plain by design. */
export function isWrittenEncrypted(state: StoreState, fileId: number): boolean {
  if (!isEncrypted(state)) return false;
  const existing = listFiles(state).find(({ id }) => id === fileId);
  return existing?.encrypted ?? !isPlainByDesign(fileId);
}
