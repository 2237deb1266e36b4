/** Whether a TPM state is that of a known build. Pure. */

import type { TpmState } from "../../tpm/index.ts";

/** Firmware version of every state of revision 1.38 that is known (spec: tpm-nvram, persistent data). */
const FIRMWARE_VERSION = [0x2020_0312, 0x0012_0003] as const;

/** Whether the bytes look like a state at all: then what is wrong in them is damage. */
export function isRecognised({ firmwareVersion }: TpmState): boolean {
  return firmwareVersion[0] === FIRMWARE_VERSION[0] && firmwareVersion[1] === FIRMWARE_VERSION[1];
}
