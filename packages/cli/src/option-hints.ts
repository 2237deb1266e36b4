/** Hints in options of this command line, where those of the library can't know them. */

import type { ErrorCode } from "vmgskit";
import type { Hint } from "vmgskit/report";

const OTHER_COPY =
  "shut the VM down and copy the file; then --generation previous reads the other copy, usually the generation before";

/** Options of the command that was called. */
export const optionHints: Readonly<Partial<Record<ErrorCode, Hint>>> = {
  VMGS_FILE_EXISTS: [
    "choose another path; what exists is not replaced without being asked to (--force, where there is one)",
  ],
  VMGS_DISK_TOO_SMALL: ["choose a larger --size, 4M is usual; --force formats 4 or 5 blocks all the same"],
  VMGS_SECTOR_SIZE: ["only a raw image has a choice: --disk raw --sector-size 4096"],
  VMGS_SECTOR_SIZE_UNKNOWN: ["say which it is: --sector-size 512 or --sector-size 4096"],
  VMGS_VHD_FOOTER_MISSING: ["if it is a raw image, say --disk raw"],
  VMGS_V1_LOCATOR: [OTHER_COPY],
  VMGS_V1_DATA: [OTHER_COPY],
  VMGS_V1_JSON: [OTHER_COPY],
  VMGS_FILES_BEYOND_END: ["add --move, or choose at least the size that the message names"],
  VMGS_FILE_ALLOCATED: ["add --force to replace it"],
  VMGS_OVERWRITE_ENCRYPTED: ["write it encrypted with --key FILE, or replace it in plain with --plain"],
  VMGS_CONTENT_EMPTY: [
    "check what writes the source: in a pipe, the command on the left may have failed; --allow-empty writes an empty file",
  ],
  VMGS_CONTENT_REFUSED: ["check the source; --force writes it all the same"],
  VMGS_NEEDS_UNLOCK: ["give the datastore key with --key FILE, or put its path into VMGS_KEY_FILE"],
  VMGS_AUTHENTICATION_FAILED: [
    "the generation before may be sound: --generation previous; --raw gives the stored bytes as they are",
  ],
  VMGS_TPM_INDEX_SIZE: [
    "--akcert-size and --report-size choose other sizes; swtpm and the simulators take 2048 bytes at most",
  ],
  VMGS_TPM_TIMEOUT: [
    "an engine serves one client at a time: check that no other program is connected; --timeout allows more time",
  ],
  VMGS_UEFI_LIST_DAMAGED: [
    { kind: "listVariables" },
    " shows what is wrong; --drop-unreadable leaves out what can't be read",
  ],
};
