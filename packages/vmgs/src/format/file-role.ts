/** What each file of a store is for, and how it is kept: the one table of it (spec: file IDs; guest-files.md, 1). */

import { checkWhole } from "../arguments/index.ts";
import { FileId, type FileIdName } from "./file-id.ts";

/** Facts about the file that has a file ID. */
export interface FileRole {
  readonly id: number;
  /** Its name, or null when the ID has none. */
  readonly name: FileIdName | null;
  /** A table of the store itself (0 or 63), which no user reads or changes. */
  readonly own: boolean;
  /** An encrypted store keeps it encrypted; saved to the host, it is for its owner only. So is any file without a name. */
  readonly confidential: boolean;
  /** Seeds or private keys: the content is never shown. */
  readonly secret: boolean;
}

type Kind = "own" | "plain" | "confidential" | "secret";

/** Plain: read before a store can be unlocked, or meant to be read without a key. */
const KINDS: Readonly<Record<FileIdName, Kind>> = {
  FILE_TABLE: "own",
  BIOS_NVRAM: "confidential",
  TPM_PPI: "confidential",
  TPM_NVRAM: "secret",
  RTC_SKEW: "plain",
  ATTEST: "plain",
  KEY_PROTECTOR: "plain",
  VM_UNIQUE_ID: "plain",
  GUEST_FIRMWARE: "plain",
  CUSTOM_UEFI: "plain",
  GUEST_WATCHDOG: "plain",
  HW_KEY_PROTECTOR: "plain",
  GUEST_SECRET_KEY: "secret",
  HIBERNATION_TOKEN: "plain",
  PLATFORM_SEED: "secret",
  PROVENANCE_DOC: "plain",
  TPM_NVRAM_BACKUP: "secret",
  PROVISIONING_MARKER: "plain",
  TPM_185_NVRAM: "secret",
  EXTENDED_FILE_TABLE: "own",
};

function roleFor(id: number, name: FileIdName | null, kind: Kind): FileRole {
  const secret = kind === "secret";
  return { id, name, own: kind === "own", confidential: secret || kind === "confidential", secret };
}

const ROLES = new Map<number, FileRole>(
  (Object.keys(KINDS) as FileIdName[]).map((name) => [
    FileId[name],
    roleFor(FileId[name], name, KINDS[name]),
  ]),
);

/** The files that have a name, in ascending ID. */
export const fileRoles: readonly FileRole[] = [...ROLES.values()];

/** What is known of a file ID; one without a name may hold anything, so it counts as confidential. */
export function fileRole(id: number): FileRole {
  checkWhole(id, "id");
  return ROLES.get(id) ?? roleFor(id, null, "confidential");
}
