/** Whether a VM has a source for the key of an encrypted store. Pure; findings and forecast agree. */

import { isEncrypted, type StoreState } from "../store/index.ts";
import type { AssumedVm } from "./assumed-vm.ts";
import { type FileEvidence, protectionBy } from "./evidence/index.ts";

/** Why the VM has no source of the key, in words about the files; null when it has one, or needs none. */
export async function whyNoKeySource(
  files: readonly FileEvidence[],
  state: StoreState | null,
  vm: AssumedVm,
): Promise<string | null> {
  if (state === null || !isEncrypted(state)) return null;
  if ((await protectionBy(files, state, vm)) !== "unknown") return null;
  if ((await protectionBy(files, state)) !== "unknown") {
    return "the VM has no attestation, so the boot reads neither the key protector (6) nor the VM unique ID (7)";
  }
  return "no key protector (6), VM unique ID (7) or hardware key protector (11) can give a key";
}
