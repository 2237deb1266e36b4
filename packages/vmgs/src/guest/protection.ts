/** What protects the datastore key of an encrypted store, judged by the content of its files (spec: guest-files, 2). */

import { type Check, checkBytes, withMembers } from "../arguments/index.ts";
import { readHwKeyProtector } from "./hw-key-protector.ts";
import { readKeyProtector } from "./key-protector.ts";
import { readVmUniqueId } from "./vm-unique-id.ts";

/** Sources of a datastore key, in the order in which they count. `none`: the store is not encrypted. */
export const keyProtections = [
  "none",
  "tenantKey",
  "gspKey",
  "tenantKeyAndGsp",
  "gspById",
  "hardware",
  "unknown",
] as const;

/** What protects a datastore key. */
export type KeyProtection = (typeof keyProtections)[number];

/** The files that decide it; each is null when it is missing or can't be read. */
export interface ProtectorFiles {
  readonly keyProtector: Uint8Array | null;
  readonly vmUniqueId: Uint8Array | null;
  readonly hwKeyProtector: Uint8Array | null;
}

const bytesOrNull: Check = (value, name) => {
  if (value !== null) checkBytes(value, name);
};
const checkFiles = withMembers({
  keyProtector: bytesOrNull,
  vmUniqueId: bytesOrNull,
  hwKeyProtector: bytesOrNull,
});

/** Names what protects the key of an encrypted store. */
export function nameProtection(files: ProtectorFiles): Exclude<KeyProtection, "none"> {
  checkFiles(files, "files");
  const { keyProtector, vmUniqueId, hwKeyProtector } = files;
  const protector = keyProtector && readKeyProtector(keyProtector).facts;
  // After an interrupted change the ingress entry is the one that counts first.
  if (protector?.scheme) return protector.scheme;
  const id = vmUniqueId && readVmUniqueId(vmUniqueId).facts;
  if (id && !id.ported) return "gspById";
  const sealed = hwKeyProtector && readHwKeyProtector(hwKeyProtector);
  return sealed?.facts?.usable ? "hardware" : "unknown";
}
