/** Which files are guest files. Apart from what reads them, which may be loaded when one is there. */

import { FileId } from "../format/index.ts";

const ids = [
  FileId.TPM_PPI,
  FileId.RTC_SKEW,
  FileId.ATTEST,
  FileId.KEY_PROTECTOR,
  FileId.VM_UNIQUE_ID,
  FileId.GUEST_WATCHDOG,
  FileId.HW_KEY_PROTECTOR,
  FileId.GUEST_SECRET_KEY,
  FileId.HIBERNATION_TOKEN,
  FileId.PLATFORM_SEED,
  FileId.PROVENANCE_DOC,
] as const;

/** ID of a guest file. */
export type GuestFileId = (typeof ids)[number];

/** IDs of the guest files, ascending. */
export const guestFileIds: readonly number[] = ids;

/** Whether a file is a guest file. */
export function isGuestFileId(fileId: number): fileId is GuestFileId {
  return guestFileIds.includes(fileId);
}
