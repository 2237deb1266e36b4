/**
 * Every error code of the library, with what it means and what to do. The codes are stable; docs/errors.md is
 * made from this table.
 */
export const errorCodes = {
  // Paths and files
  VMGS_PATH_EMPTY: { meaning: "The path is an empty string.", cure: "Name the file." },
  VMGS_PATH_NOT_UTF8: {
    meaning: "The path of a file to be made has bytes that are not UTF-8; its name would be another one.",
    cure: "Choose a name in UTF-8.",
  },
  VMGS_FILE_NOT_FOUND: { meaning: "There is no file at the path.", cure: "Check the path." },
  VMGS_FILE_EXISTS: {
    meaning: "A file is already there and would be replaced.",
    cure: "Choose another path, or allow replacing it.",
  },
  VMGS_IS_DIRECTORY: { meaning: "The path names a directory.", cure: "Name the file inside it." },
  VMGS_NOT_A_FILE: {
    meaning: "The path names a device, a pipe or a socket.",
    cure: "Copy its content into a regular file.",
  },
  VMGS_ACCESS_DENIED: {
    meaning: "The operating system refuses access.",
    cure: "Check the owner and the permissions of the file and its folder.",
  },
  VMGS_READ_ONLY_MEDIA: {
    meaning: "The file lies on read-only media, or is itself read-only.",
    cure: "Copy it to a writable place and change the copy.",
  },
  VMGS_IO: {
    meaning: "The operating system reported an I/O error, or the file ended early.",
    cure: "Check the disk that holds the file; work on a copy.",
  },
  VMGS_DISK_FULL: {
    meaning: "The disk that holds the file is full.",
    cure: "Free space there and try again.",
  },
  VMGS_LOCKED_BY_OTHER: {
    meaning: "Another process has the file open for writing.",
    cure: "Wait for it. If it is gone, delete the lock file that the message names.",
  },
  VMGS_LOCK_FAILED: {
    meaning: "The lock file could not be made.",
    cure: "Allow creating a file in the folder of the store: writing needs a lock file there.",
  },
  VMGS_SEVERAL_LINKS: {
    meaning:
      "The file has several names (hard links), so a lock file next to one of them can't keep all writers out.",
    cure: "Copy the file, and give the copy its name: cp -p FILE COPY && mv COPY FILE. The other names keep the old content.",
  },

  // Files over HTTP
  VMGS_HTTP_REFUSED: {
    meaning: "The server refuses access.",
    cure: "Get a new URL where its shared access signature expired; else check the credentials and what they permit.",
  },
  VMGS_HTTP_CONFLICT: {
    meaning:
      "The server refuses because of the state of the file: a lease, an archive tier, a copy under way.",
    cure: "Wait until whatever holds the file releases it. Deallocate a VM that still uses it.",
  },
  VMGS_HTTP_NO_RANGES: {
    meaning: "The server ignores ranges, or a page may not see which range it sends.",
    cure: "Download the file and read the copy. For a page, the server must expose Content-Range and ETag (CORS).",
  },
  VMGS_HTTP_NOT_A_FILE: {
    meaning: "An HTML page came instead of the file: usually a page to sign in.",
    cure: "Use a URL that needs no sign-in page, such as one with a shared access signature.",
  },
  VMGS_HTTP_FAILED: {
    meaning: "The server can't be reached, or fails again and again.",
    cure: "Check the URL and the network, and try again later.",
  },

  // Disks and containers
  VMGS_DISK_EMPTY: { meaning: "The file has 0 bytes.", cure: "Provision a new store instead." },
  VMGS_DISK_SIZE: {
    meaning: "The length is not a multiple of 512 bytes, or is below one sector.",
    cure: "The file was cut, or is something else; fetch it again in binary mode.",
  },
  VMGS_DISK_TOO_SMALL: {
    meaning: "The disk has fewer blocks than a store needs.",
    cure: "A store needs at least 4 blocks of 4096 bytes; 4 MiB is usual.",
  },
  VMGS_DISK_RANGE: {
    meaning: "An access reaches past the end of the disk, or is not made of whole sectors.",
    cure: "This is a bug in the calling program.",
  },
  VMGS_SECTOR_SIZE: {
    meaning: "The sector size is neither 512 nor 4096, or it is 4096 for a fixed VHD, which has 512.",
    cure: "Use 512 or 4096; a fixed VHD needs none.",
  },
  VMGS_SECTOR_SIZE_UNKNOWN: {
    meaning: "The image does not record its sector size, and writing with the wrong one would break it.",
    cure: "State the sector size of the disk: 512 or 4096.",
  },
  VMGS_VHD_FOOTER_MISSING: {
    meaning:
      "The file does not end with a VHD footer, and has no valid VMGS header that would make it a raw image.",
    cure: "If it is a raw image, open it as one. If it was cut, restore the footer.",
  },
  VMGS_VHD_CHECKSUM: {
    meaning: "The VHD footer's checksum is wrong.",
    cure: "Open it as a raw image to look inside; then restore the footer.",
  },
  VMGS_VHD_VERSION: {
    meaning: "The VHD footer has an unknown format version.",
    cure: "Only version 1.0 is known.",
  },
  VMGS_VHD_NOT_FIXED: {
    meaning: "The VHD is dynamic or differencing; a VMGS file is a fixed VHD.",
    cure: "Convert it to a fixed VHD first.",
  },
  VMGS_VHD_SIZE: {
    meaning: "The disk size in the VHD footer exceeds the file, or is not a multiple of 512.",
    cure: "The file was cut or patched. Use an undamaged copy.",
  },
  VMGS_OTHER_DISK_FORMAT: {
    meaning:
      "The file is a disk image of another format, a packed file, or text that came instead of a file.",
    cure: "Unpack it, convert it to a fixed VHD with the tools of its format, or download the file again.",
  },

  // Headers and tables
  VMGS_EMPTY_STORE: {
    meaning: "Both headers are zero: the disk was never formatted.",
    cure: "Provision it.",
  },
  VMGS_V1_FORMAT: {
    meaning: "The file is a version 1 file, as Windows keeps it, and the operation needs a version 3 store.",
    cure: "Open it as a version 1 file; docs/windows.md lists what can be done with it.",
  },
  VMGS_VERSION_UNSUPPORTED: {
    meaning: "The version in both headers is neither 3.0 nor, in a version 1 file, 1.0.",
    cure: "Check that it is the right file: no other version is known.",
  },
  VMGS_NO_VALID_HEADER: {
    meaning: "Neither header is valid.",
    cure: "Restore a backup, or format the store anew.",
  },
  VMGS_HEADER: { meaning: "A header is not valid.", cure: "The other header is used when it is valid." },
  VMGS_HEADER_CHECKSUM: {
    meaning: "A header's checksum is wrong.",
    cure: "The other header is used when it is valid.",
  },
  VMGS_SEQUENCE_CONFLICT: {
    meaning: "Both headers are valid, but their sequence numbers do not follow each other.",
    cure: "There is no way to know which is current. Restore a backup, or choose one in a repair.",
  },
  VMGS_FILE_TABLE_OUT_OF_RANGE: {
    meaning: "The header places the file table past the end of the disk.",
    cure: "The disk was shrunk or the header is damaged; try the previous generation.",
  },
  VMGS_CORRUPT_FILE_TABLE: {
    meaning: "An entry of the file table is impossible.",
    cure: "Try the previous generation.",
  },
  VMGS_OVERLAPPING_FILES: {
    meaning: "Two files share blocks, so that writing could destroy one of them.",
    cure: "Read what can be read, then make a new store.",
  },
  VMGS_INCONSISTENT_FILE_TABLE: {
    meaning: "The file table does not describe itself as the header does.",
    cure: "The store can be read; writing is refused.",
  },
  VMGS_NO_PREVIOUS_GENERATION: {
    meaning: "The other header is not valid, so there is no previous generation.",
    cure: "Read the current generation.",
  },

  VMGS_GENERATION_WIPED: {
    meaning: "The previous generation was wiped on purpose: its file table is all zeros.",
    cure: "Read the current generation; an older one can only come from a backup.",
  },
  VMGS_UNDO_IMPOSSIBLE: {
    meaning:
      "The previous generation can't be made current again: its tables can't be read, its blocks were reused, or a file does not match its authentication tag.",
    cure: "Go on with the current generation; an older one can only come from a backup.",
  },
  VMGS_FILES_BEYOND_END: {
    meaning: "Files lie after the end that a smaller disk would have.",
    cure: "Choose a larger size, or allow moving the files.",
  },

  // Files in the store
  VMGS_INVALID_FILE_ID: {
    meaning: "The file ID can't be read or changed by users; only 1 to 62 can.",
    cure: "Use a file ID from 1 to 62, or a name.",
  },
  VMGS_FILE_NOT_ALLOCATED: { meaning: "The store has no such file.", cure: "List the files of the store." },
  VMGS_FILE_ALLOCATED: {
    meaning: "The destination of a move exists.",
    cure: "Allow overwriting it, or delete it first.",
  },
  VMGS_OVERWRITE_ENCRYPTED: {
    meaning: "A plain write would replace an encrypted file.",
    cure: "Write it encrypted, or allow it explicitly.",
  },
  VMGS_INSUFFICIENT_SPACE: {
    meaning: "No free run of blocks is long enough.",
    cure: "Delete files, or grow the store.",
  },
  VMGS_FILE_TOO_LARGE: {
    meaning: "The content is larger than a file can be.",
    cure: "A file has at most 2^32 - 1 blocks, and must fit the store.",
  },
  VMGS_CONTENT_EMPTY: {
    meaning: "The source of a file is empty, so the file would lose its content.",
    cure: "Check the program that writes the source. If an empty file is intended, allow it explicitly.",
  },
  VMGS_CONTENT_REFUSED: {
    meaning: "The next boot would refuse the content, or ignore it.",
    cure: "Check the source. If the content is intended, force the write.",
  },
  VMGS_INPUT_TOO_LARGE: {
    meaning: "An input is larger than the content it should hold can be.",
    cure: "Check that it is the right file or stream. No more than the limit is read.",
  },
  VMGS_NOTHING_TO_CHANGE: {
    meaning: "A transaction without any change.",
    cure: "This is a bug in the calling program.",
  },

  // Encryption
  VMGS_KEY_LENGTH: {
    meaning: "A datastore key is not 32 bytes.",
    cure: "A key file holds 32 raw bytes, 64 hex digits, or base64 of 32 bytes.",
  },
  VMGS_TENANT_KEY: {
    meaning: "The tenant's private key can't be read, or is not an RSA key.",
    cure: "Give the RSA private key that belongs to the certificate of the key protector.",
  },
  VMGS_TENANT_KEY_LOCKED: {
    meaning: "The tenant's private key is encrypted, and no passphrase was given, or a wrong one.",
    cure: "Give the passphrase of the private key.",
  },
  VMGS_TENANT_CERTIFICATE: {
    meaning: "The tenant's certificate can't be read, or its key is not an RSA key of 2048 to 4096 bits.",
    cure: "Give the RSA certificate of the tenant, in PEM or DER.",
  },
  VMGS_GUEST_FILE_CHANGE: {
    meaning: "A small file of the guest can't hold the given value.",
    cure: "Choose a value that docs/guest-files.md lists.",
  },
  VMGS_KEY_PROTECTOR: {
    meaning: "The size of the key protector or of the VM unique ID is wrong.",
    cure: "Derive the key from the files of the store that it opens.",
  },
  VMGS_KEY_ZERO: { meaning: "A datastore key of zeros is not a key.", cure: "Make a random key." },
  VMGS_WRONG_KEY: {
    meaning: "The key opens neither key slot.",
    cure: "Use the key that the store was last encrypted with.",
  },
  VMGS_NOT_ENCRYPTED: {
    meaning: "The store is not encrypted.",
    cure: "Omit the key, or encrypt the store first.",
  },
  VMGS_NEEDS_UNLOCK: {
    meaning: "The store is locked, and the operation needs its key.",
    cure: "Unlock it with its datastore key.",
  },
  VMGS_KEYS_FULL: { meaning: "Both key slots are in use.", cure: "Remove a key first, or update the key." },
  VMGS_KEY_SLOT_EMPTY: { meaning: "The key slot is empty.", cure: "List the slots that are in use." },
  VMGS_KEY_IN_USE: {
    meaning:
      "The key that unlocked the store can't be removed while there is another key, which may be stale.",
    cure: "Unlock the store with the key that should stay.",
  },
  VMGS_LAST_KEY: {
    meaning: "The last key can't be removed while encrypted files depend on it.",
    cure: "Decrypt the store instead.",
  },
  VMGS_AUTHENTICATION_FAILED: {
    meaning:
      "An encrypted file does not match its authentication tag: content, nonce, tag or key was changed.",
    cure: "Try the previous generation, or a copy.",
  },
  VMGS_EXTENDED_FILE_TABLE: {
    meaning: "The extended file table can't be decrypted or read, so the keys of the files are lost.",
    cure: "Try the previous generation, or a copy.",
  },
  VMGS_CIPHER_ASYNC: {
    meaning: "A synchronous read met encrypted content, and no synchronous cipher was given.",
    cure: "Give a synchronous cipher, or read asynchronously.",
  },

  // Version 1 files
  VMGS_V1_GPT: {
    meaning: "Neither copy of the partition table (GPT) can be used.",
    cure: "Restore a backup of the file.",
  },
  VMGS_V1_NO_PARTITION: {
    meaning: "The disk has a GPT, but no guest state partition: it is not a guest state file.",
    cure: "Check that this is the file named after the VM's ID, and not a disk of the guest.",
  },
  VMGS_V1_CUT: {
    meaning: "The version 1 file ends before what its headers place in it.",
    cure: "The copy was cut; fetch the file again, or read the other copy of the data.",
  },
  VMGS_V1_NO_VALID_HEADER: {
    meaning: "Neither header of the version 1 file is valid.",
    cure: "Restore a backup, or search the file for remains of its data.",
  },
  VMGS_V1_LOCATOR: {
    meaning: "A header of the version 1 file places a copy of the data where it can't be.",
    cure: "Read the other copy: it is usually the previous generation.",
  },
  VMGS_V1_DATA: {
    meaning:
      "A copy of the data of the version 1 file is empty, has an odd number of bytes, or more than 16 MiB.",
    cure: "Read the other copy: it is usually the previous generation.",
  },
  VMGS_V1_JSON: {
    meaning:
      "A copy of the data of the version 1 file is not JSON, is nested more than 64 deep, or has no devices.",
    cure: "Read the other copy: it is usually the previous generation.",
  },
  VMGS_V3_FORMAT: {
    meaning: "The file is a version 3 store, and the operation needs a version 1 file.",
    cure: "There is nothing to migrate: use the store as it is.",
  },
  VMGS_V1_STATE_NOT_FOUND: {
    meaning: "The version 1 file has no such device, or the device no such state.",
    cure: "List the devices and their states.",
  },

  // Marker and provisioning
  VMGS_MARKER_TOO_LARGE: {
    meaning: "The provisioning marker is larger than 64 KiB.",
    cure: "It is not a marker; read the raw file.",
  },
  VMGS_MARKER_MALFORMED: {
    meaning: "The provisioning marker is not a JSON object in UTF-8.",
    cure: "Read the raw bytes; nothing depends on them.",
  },
  VMGS_MARKER_VALUE: {
    meaning: "A value can't be written into a marker.",
    cure: "Use text without control characters, and whole numbers.",
  },
  VMGS_LIFETIME_REFUSED: {
    meaning: "The boot fails: the guest state lifetime does not allow formatting this disk.",
    cure: "Repair the store, or choose a lifetime that reprovisions.",
  },

  // Virtual TPM
  VMGS_TPM_INPUT: {
    meaning: "A value does not fit a TPM command or a TPM state.",
    cure: "See the field in the message.",
  },
  VMGS_TPM_COMMAND: {
    meaning: "The bytes are not a known TPM command.",
    cure: "Use one of the commands that provision a virtual TPM; no others are known.",
  },
  VMGS_TPM_REPLY: {
    meaning: "A reply of the TPM is cut, too long, or not laid out as its command says.",
    cure: "Check that the other end is a TPM 2.0 and that no other program uses it.",
  },
  VMGS_TPM_ADDRESS: {
    meaning: "The text is not the address of a TPM.",
    cure: "Write swtpm://HOST:PORT, mssim://HOST:PORT or device:/dev/tpmrm0.",
  },
  VMGS_TPM_ENGINE: {
    meaning: "The TPM engine can't be reached, closed the connection, or failed.",
    cure: "Check that it runs, where it listens, and that no other program holds the connection.",
  },
  VMGS_TPM_TIMEOUT: {
    meaning: "The TPM engine did not answer in time.",
    cure: "Engines serve one client at a time: check that no other program is connected, or allow more time.",
  },
  VMGS_TPM_ENGINE_CANNOT: {
    meaning: "The TPM engine does not support the request: control of power, or access to its state.",
    cure: "See docs/tpm-engines.md for what each engine can do.",
  },
  VMGS_TPM_REFUSED: {
    meaning: "The TPM refused a command.",
    cure: "The response code says why; a guest that took ownership may have changed authorizations.",
  },
  VMGS_TPM_INDEX_SIZE: {
    meaning: "The size of an index exceeds what the TPM allows, or its content exceeds the index.",
    cure: "Choose other sizes; swtpm and the simulators take 2048 bytes at most.",
  },
  VMGS_TPM_STATE_SIZE: {
    meaning: "The TPM state is too small for one of revision 1.38, or larger than any known one.",
    cure: "Use file 3 of the store. It has 32768 bytes, or 16384 if an older service made it.",
  },
  VMGS_TPM_STATE_FULL: {
    meaning: "The content does not fit into the TPM state.",
    cure: "Use 32768 bytes, or a smaller certificate index.",
  },

  // UEFI variables
  VMGS_UEFI_FILE_TOO_LARGE: {
    meaning: "The variable list has more than 131072 bytes, which firmware does not read.",
    cure: "Use an undamaged copy. Entries can still be shown without strict reading.",
  },
  VMGS_UEFI_ENTRY_PAST_END: {
    meaning: "An entry of the variable list is longer than what is left of the file.",
    cure: "When not even the first entry can be read, the file is probably encrypted: give its key. Otherwise it was cut.",
  },
  VMGS_UEFI_HEADER_TYPE: {
    meaning: "An entry of the variable list is not of type 0, the only known one.",
    cure: "Use an undamaged copy, or drop what can't be read.",
  },
  VMGS_UEFI_ENTRY_TOO_SHORT: {
    meaning: "An entry of the variable list is shorter than its own header.",
    cure: "Use an undamaged copy, or drop what can't be read.",
  },
  VMGS_UEFI_LENGTH_MISMATCH: {
    meaning: "The length of an entry of the variable list is not that of its header, name and data.",
    cure: "Use an undamaged copy, or drop what can't be read.",
  },
  VMGS_UEFI_NAME_TOO_LONG: {
    meaning: "The name of a UEFI variable has more than 2048 bytes, its NUL included.",
    cure: "Choose a shorter name.",
  },
  VMGS_UEFI_DATA_TOO_LONG: {
    meaning: "The data of a UEFI variable has more than 32768 bytes.",
    cure: "Shorten the data: firmware stores no more in one variable.",
  },
  VMGS_UEFI_NAME_NOT_TERMINATED: {
    meaning: "The name of a UEFI variable has no NUL at its end.",
    cure: "Allow skipping such entries, or drop them: this damage is known from old stores.",
  },
  VMGS_UEFI_TRAILING_BYTES: {
    meaning: "After the last entry of the variable list there are bytes, but too few for another entry.",
    cure: "Use an undamaged copy, or drop what can't be read.",
  },
  VMGS_UEFI_LIST_DAMAGED: {
    meaning: "The variable list holds parts that can't be read, so it can't be changed as it is.",
    cure: "List its problems, then drop what can't be read.",
  },
  VMGS_UEFI_OUT_OF_SPACE: {
    meaning: "The variable list would have more than 131072 bytes.",
    cure: "Remove variables first.",
  },
  VMGS_UEFI_VARIABLE_NOT_FOUND: {
    meaning: "There is no variable of that vendor and name.",
    cure: "List the variables; both vendor and name must match exactly.",
  },
  VMGS_UEFI_VARIABLE_INVALID: {
    meaning: "A variable can't be stored as it was given: its name, vendor, attributes or data.",
    cure: "A name is not empty, the vendor is a GUID, the attributes have NON_VOLATILE and not APPEND_WRITE.",
  },
  VMGS_UEFI_VALUE: {
    meaning: "The data of a UEFI variable does not match its name.",
    cure: "Look at the raw data.",
  },
  VMGS_UEFI_VALUE_UNFIT: {
    meaning: "The bytes given for a UEFI variable do not fit its type: firmware would fail on them later.",
    cure: "Give the value itself: signature lists, a load option, a number of the right size. Force the change to store any bytes.",
  },
  VMGS_UEFI_DEVICE_PATH_TEXT: {
    meaning: "Text is not a device path.",
    cure: "Write nodes as in UEFI 2.10, section 10.6.1.6, with / between them: PciRoot(0x0)/Pci(0x2,0x0).",
  },
  VMGS_UEFI_JSON: {
    meaning: "The JSON document does not hold the expected variables.",
    cure: "Correct the document at the place that the message names.",
  },

  // Executables that carry firmware
  VMGS_PE_FORMAT: {
    meaning: "The file is not a PE32+ executable, or is damaged.",
    cure: "Use a complete DLL for 64-bit Windows.",
  },
  VMGS_PE_NO_RESOURCE: {
    meaning: "The executable has no such resource, or has it in several languages.",
    cure: "Use the DLL that holds the firmware, and the resource code of the machine's isolation type.",
  },
  VMGS_PE_RESOURCE_SIZE: {
    meaning: "The resource is empty, or larger than 256 MiB.",
    cure: "Use an undamaged copy.",
  },

  // Arguments
  VMGS_INVALID_ARGUMENT: {
    meaning: "A function was called with a value of another type than its parameter takes, or out of range.",
    cure: "This is a bug in the calling program: correct the argument that the message names.",
  },

  // State
  VMGS_READ_ONLY_STORE: { meaning: "The store was opened for reading.", cure: "Open it for writing." },
  VMGS_CHANGED_UNDERNEATH: {
    meaning:
      "The store on disk is not the one that was opened: another program wrote it, or renamed or replaced the file.",
    cure: "Open it again.",
  },
  VMGS_STORE_UNCERTAIN: {
    meaning: "A commit failed half way, so the disk holds either the old or the new state.",
    cure: "Open the store again. It is undamaged either way.",
  },
  VMGS_WIPE_INCOMPLETE: {
    meaning: "The change is committed and the store is whole, but wiping old content did not finish.",
    cure: "Wipe the store again; it needs no key.",
  },
  VMGS_STORE_BUSY: {
    meaning: "Another change is running on this store object.",
    cure: "Await it, or share the store through a broker.",
  },
  VMGS_BROKER_CLOSED: { meaning: "The broker was closed.", cure: "This is a bug in the calling program." },
  VMGS_SAVED_STATE: {
    meaning: "The saved state is damaged or of another version.",
    cure: "Open the store from disk.",
  },
  VMGS_LAYOUT: {
    meaning: "The bytes do not hold the declared structure, or a value does not fit it.",
    cure: "See the path in the message.",
  },
} as const satisfies Record<string, { meaning: string; cure: string }>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
