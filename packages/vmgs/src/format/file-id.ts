/** File IDs and their names (spec: file IDs). */

import { checkNumber, checkText, checkWhole } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { FILE_COUNT } from "./geometry.ts";

/** Numbers of the files that have a name. Others up to 62 are valid without one. */
export const FileId = {
  FILE_TABLE: 0,
  BIOS_NVRAM: 1,
  TPM_PPI: 2,
  TPM_NVRAM: 3,
  RTC_SKEW: 4,
  ATTEST: 5,
  KEY_PROTECTOR: 6,
  VM_UNIQUE_ID: 7,
  GUEST_FIRMWARE: 8,
  CUSTOM_UEFI: 9,
  GUEST_WATCHDOG: 10,
  HW_KEY_PROTECTOR: 11,
  GUEST_SECRET_KEY: 13,
  HIBERNATION_TOKEN: 14,
  PLATFORM_SEED: 15,
  PROVENANCE_DOC: 16,
  TPM_NVRAM_BACKUP: 17,
  PROVISIONING_MARKER: 18,
  TPM_185_NVRAM: 19,
  EXTENDED_FILE_TABLE: 63,
} as const;

/** Name of a file ID that has one. */
export type FileIdName = keyof typeof FileId;

const NAMES = new Map<number, FileIdName>(
  Object.entries(FileId).map(([name, id]) => [id, name as FileIdName]),
);

/** The name of a file ID, or null when it has none. */
export function fileIdName(id: number): FileIdName | null {
  checkWhole(id, "id");
  return NAMES.get(id) ?? null;
}

/** Whether a file ID is one of the store's own tables: 0 or 63. */
export function isStoreTable(id: number): boolean {
  checkWhole(id, "id");
  return id === FileId.FILE_TABLE || id === FileId.EXTENDED_FILE_TABLE;
}

/** `TPM_NVRAM (3)`, or `file 20` when the ID has no name. */
export function describeFileId(id: number): string {
  checkWhole(id, "id");
  const name = fileIdName(id);
  return name === null ? `file ${id}` : `${name} (${id})`;
}

/** Characters of the longest text that is taken for an ID: names have at most 19, and a key in hexadecimal 64. */
const MOST_TYPED = 28;

/**
 * Reads a file ID as people write it: a name in any case, decimal, or hexadecimal with `0x`.
 *
 * @throws VmgsError VMGS_INVALID_FILE_ID for anything else and for numbers above 63.
 */
export function parseFileId(text: string): number {
  checkText(text, "text");
  // Longer text is not an ID: perhaps it is a key, which no error may repeat, not even as a number.
  if (text.length > MOST_TYPED) {
    const message = `a text of ${text.length} characters is neither a file ID nor the name of one`;
    throw new VmgsError("VMGS_INVALID_FILE_ID", message);
  }
  const name = text.trim().toUpperCase().replaceAll("-", "_");
  if (Object.hasOwn(FileId, name)) return FileId[name as FileIdName];
  const id = /^(\d+|0X[0-9A-F]+)$/.test(name) ? Number(name) : Number.NaN;
  if (Number.isNaN(id)) {
    throw new VmgsError(
      "VMGS_INVALID_FILE_ID",
      `${JSON.stringify(text)} is neither a file ID nor the name of one`,
    );
  }
  if (id >= FILE_COUNT)
    throw new VmgsError("VMGS_INVALID_FILE_ID", `file ID ${id} is above 63`, { fileId: id });
  return id;
}

/**
 * Checks that a user may read and change the file: 1 to 62.
 *
 * @throws VmgsError VMGS_INVALID_FILE_ID
 */
export function checkUserFileId(id: number): void {
  checkNumber(id, "id");
  if (!Number.isInteger(id) || id < 0 || id >= FILE_COUNT) {
    throw new VmgsError("VMGS_INVALID_FILE_ID", `file ID ${id} is not a number from 1 to 62`, { fileId: id });
  }
  if (isStoreTable(id)) {
    throw new VmgsError("VMGS_INVALID_FILE_ID", `${describeFileId(id)} belongs to the store itself`, {
      fileId: id,
    });
  }
}
