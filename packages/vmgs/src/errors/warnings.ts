/** Facts worth knowing that do not stop the work. The codes are stable, like those of errors. */

export const warningCodes = {
  VMGS_RAW_WITHOUT_FOOTER:
    "The file has no VHD footer; it was taken for a raw image because it has a valid VMGS header.",
  VMGS_SECTOR_SIZE_ASSUMED:
    "A raw image does not record its sector size until both headers were written; 512 was assumed.",
  VMGS_OTHER_HEADER_INVALID: "The header that is not active is damaged, so there is no previous generation.",
  VMGS_ACTIVE_HEADER_LOST: "The newer header is damaged, so the previous generation is read.",
  VMGS_ALLOCATIONS_OVERLAP: "Files share blocks; writing is refused.",
  VMGS_TABLE_ENTRY_MISMATCH:
    "The file table does not describe itself, or the extended file table, as it should.",
  VMGS_ATTRIBUTES_DIFFER: "The file table and the extended file table disagree about how a file is stored.",
  VMGS_ENCRYPTED_IN_PLAIN_STORE:
    "A file says that it is encrypted, but the store is not; it can only be read raw.",
  VMGS_RESERVED_NOT_ZERO: "Reserved fields are not zero.",
  VMGS_NO_KEY_SLOT: "The store says that it is encrypted, but no key slot is in use: no key can open it.",
  VMGS_ZERO_METADATA_KEY:
    "The extended file table is encrypted with a zero key: every file can be read without the datastore key.",
  VMGS_LOCKED: "The store is encrypted and no key was given: only what the file table says is known.",
  VMGS_CIPHERTEXT: "An encrypted file was read without its key: the result is ciphertext.",
  VMGS_WRITTEN_PLAIN: "A file was written in plain into an encrypted store: it can be read without the key.",
  VMGS_BOOT_ORDER_DANGLING: "BootOrder or BootNext names a boot option that does not exist.",
  VMGS_STORE_TOO_SMALL: "The store has too few blocks to be written.",
  VMGS_UNASSIGNED_FILE_ID: "The file ID is valid, but no meaning is assigned to it.",
  VMGS_OLD_SPELLING: "Options were given in the form of an older version.",
  VMGS_MARKER_MISPLACED: "The marker lies in file 17, where a development build put it.",
  VMGS_MARKER_UNREADABLE: "There is a provisioning marker that can't be read.",
  VMGS_TPM_STATE_PLAIN:
    "The state of a virtual TPM is stored in plain: everyone who has the file has its seeds and private keys.",
  VMGS_TPM_TWO_STATES: "The store has the state of a vTPM of revision 1.38 and of one of revision 1.85.",
  VMGS_TPM_CERTIFICATE_FOREIGN: "The AK certificate is for another key than the AK.",
  VMGS_TPM_SMALL_STATE:
    "A state of 16384 bytes with a platform's certificate index of 4096 bytes: the combination that had to be repaired.",
  VMGS_MARKER_NOT_WRITTEN: "The provisioning marker could not be written; the store itself is sound.",
  VMGS_UEFI_CERTIFICATE_EXPIRY:
    "A certificate of the secure boot databases has expired, will soon, or is not valid yet. Firmware does not check it.",
  VMGS_UEFI_ONLY_2011:
    "The signature database has Microsoft's CAs of 2011 and none of 2023: programs signed with the new ones do not boot.",
  VMGS_UEFI_NOTHING_REVOKED: "The list of revoked signatures (dbx) is missing or empty.",
  VMGS_UEFI_TEMPLATE_DEFAULT: "The document takes signatures from a template, and no template was given.",
  VMGS_UEFI_BYTE_ORDER_MARK: "The document began with a byte order mark, which was removed.",
  VMGS_UEFI_NOT_STORED: "A variable of the document is not stored, because it is volatile or empty.",
  VMGS_TPM_KEY_NOT_MADE: "The TPM refused to make a key, as it does after its guest took ownership.",
  VMGS_TPM_RENEWAL_REFUSED:
    "The AK certificate was not written: the AK or the index does not belong to the platform.",
  VMGS_TPM_CERTIFICATE_DROPPED: "The old AK certificate was not kept, because it does not fit the new index.",
  VMGS_TPM_MARKER_NOT_WRITTEN: "The index that records the repair of a small virtual TPM could not be made.",
  VMGS_TPM_REPORT_NOT_WRITTEN: "The attestation report was not written, because its index was not made.",
  VMGS_TPM_PHYSICAL_PRESENCE: "The TPM refused the pending physical presence operation.",
} as const satisfies Record<string, string>;

/** A stable warning code. */
export type WarningCode = keyof typeof warningCodes;

/** A fact worth knowing that does not stop the work. */
export interface Warning {
  readonly code: WarningCode;
  /** A sentence with the facts of this case. */
  readonly message: string;
}
