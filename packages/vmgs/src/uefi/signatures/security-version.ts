/**
 * Security version numbers in dbx: entries of type SHA-256 that are not hashes. Windows' boot managers refuse to start
 * when their own version is lower. Firmware takes an entry for a hash, which no file has.
 *
 * Source: microsoft/secureboot_objects, PreSignedObjects/DBX, the schema and the published lists of hashes.
 */

import { checkObject, checkText } from "../../arguments/index.ts";
import { bytes, decode, field, guid, struct, u8, u16 } from "../../layout/index.ts";
import { SignatureType } from "./signature-list.ts";

/** The 32 bytes where a hash would be. */
export const securityVersionStruct = struct("securityVersion", {
  formatVersion: field(u8, "1"),
  application: field(guid, "what the version is for"),
  minor: field(u16, "minor version"),
  major: field(u16, "major version"),
  reserved: field(bytes(11), "zero"),
});

/** Owners of such entries. Public sources spell the GUID in two ways; both are taken. */
const owners: readonly string[] = [
  "9d132b6c-59d5-4388-ab1c-185cfcb2eb92",
  "9d132b6c-59d5-4388-ab1c-185c3cb2eb92",
];

const applicationNames: Readonly<Record<string, string>> = {
  "9d132b61-59d5-4388-ab1c-185c3cb2eb92": "boot manager",
  "e8f82e9d-e127-4158-a488-4c18abe2f284": "cdboot",
  "c999cac2-7ffe-496f-8127-9e2a8a535976": "wdsmgfw",
};

/** The lowest version of a boot application that may start. */
export interface SecurityVersion {
  /** GUID of the application. */
  readonly application: string;
  /** `boot manager`, `cdboot`, `wdsmgfw`; null for others. */
  readonly name: string | null;
  readonly major: number;
  readonly minor: number;
}

/** The security version number that an entry of a database is, or null when it is something else. */
export function securityVersion(
  type: string,
  signature: { readonly owner: string; readonly data: Uint8Array },
): SecurityVersion | null {
  checkText(type, "type");
  checkObject(signature, "signature", "owner", "data");
  const { owner, data } = signature;
  if (type !== SignatureType.SHA256 || !owners.includes(owner)) return null;
  if (data.length !== securityVersionStruct.size) return null;
  const { application, minor, major } = decode(securityVersionStruct, data);
  return { application, name: applicationNames[application] ?? null, major, minor };
}
