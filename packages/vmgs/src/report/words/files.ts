/** What each file of a store holds, in a sentence (spec: guest-files.md, section 1). */

import type { FileIdName } from "../../format/index.ts";

/** One sentence each, with a full stop. */
export const fileWords: Readonly<Record<FileIdName, string>> = {
  FILE_TABLE:
    "The store's own table of files: where each file lies, how long it is, and whether it is encrypted.",
  BIOS_NVRAM: "The UEFI variables of the guest: boot entries, secure boot keys, settings of the firmware.",
  TPM_PPI:
    "The physical presence interface: a TPM operation that the guest asked for, done at the next boot.",
  TPM_NVRAM:
    "The state of the virtual TPM, revision 1.38: seeds, keys, NV indices. What is sealed to the TPM depends on it.",
  RTC_SKEW: "How far the guest's clock is ahead of the host's, in units of 100 ns.",
  ATTEST: "Opaque data for the attestation agent, such as a reference to a key.",
  KEY_PROTECTOR:
    "Wrapped data encryption keys and guest state protection seeds, from which the boot derives the datastore key.",
  VM_UNIQUE_ID: "The BIOS GUID of the VM when the datastore key was derived from it (GspById).",
  GUEST_FIRMWARE: "A firmware image that tools put there. The boot does not read it.",
  CUSTOM_UEFI:
    "A JSON document of secure boot keys and variables, applied while there are no UEFI variables yet.",
  GUEST_WATCHDOG: "Whether the last boot was ended by the watchdog.",
  HW_KEY_PROTECTOR: "The datastore key, sealed by the processor (SEV-SNP or TDX).",
  GUEST_SECRET_KEY: "A key that the boot imports into the virtual TPM.",
  HIBERNATION_TOKEN: "Whether the guest is hibernated, and under which firmware version.",
  PLATFORM_SEED:
    "The seed from which the boot derives the VMGSID and compares it with the provenance document.",
  PROVENANCE_DOC: "A signed document of the provisioning service: who made the store.",
  TPM_NVRAM_BACKUP: "The state of the virtual TPM before a repair.",
  PROVISIONING_MARKER:
    "Who formatted the store, why, and with which parameters of the virtual TPM. For diagnosis only.",
  TPM_185_NVRAM: "The state of a virtual TPM of revision 1.85. Its layout is not public.",
  EXTENDED_FILE_TABLE: "The store's own table of file keys. Encrypted when the store is.",
};
