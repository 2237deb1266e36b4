/** The readers of the firmware's files. Loaded when there is one. */

import { isVmgsError, type VmgsError } from "../../errors/index.ts";
import {
  type BootOverview,
  bootOverview,
  readCustomUefi,
  readVariableList,
  type SecureBootState,
  secureBootState,
  type VariableList,
} from "../../uefi/index.ts";

export { readVariableList };

/** The UEFI variables in file 1. */
export interface UefiEvidence {
  readonly list: VariableList;
  readonly boot: BootOverview;
  readonly secureBoot: SecureBootState;
}

/** @param now the moment that certificates are judged by */
export async function interpretVariables(bytes: Uint8Array, now: Date): Promise<UefiEvidence> {
  const list = readVariableList(bytes);
  return { list, boot: bootOverview(list), secureBoot: await secureBootState(list, now) };
}

/** Why the settings for a first boot can't be read, or null. */
export function whyNoCustomUefi(bytes: Uint8Array): VmgsError | null {
  try {
    readCustomUefi(bytes);
    return null;
  } catch (error) {
    if (isVmgsError(error)) return error;
    throw error;
  }
}
