/** The VM that a forecast assumes, as options of the commands that foretell a boot. */

import type { AssumedVm } from "vmgskit/diagnose";
import type { OptionDeclaration, OptionValues } from "./declaration/index.ts";
import { UsageError } from "./exit-codes.ts";

/** What the VM has that boots. */
export const VM_OPTIONS: readonly OptionDeclaration[] = [
  { flags: "--no-attestation", meaning: "assume a VM without attestation: files 6 and 7 are not read" },
  { flags: "--guest-watchdog", meaning: "assume a VM with a guest watchdog: file 10 is read" },
  {
    flags: "--hardware-sealing",
    meaning:
      "assume a VM with hardware sealing: file 11 must be usable where it is the only source of the key",
  },
  { flags: "--vm-id <GUID>", meaning: "BIOS GUID of the VM that boots", fallback: "that of VM_UNIQUE_ID" },
];

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The VM that the options describe.
 *
 * @throws UsageError for a VM ID that is not a GUID
 */
export function assumedVm({ attestation, guestWatchdog, hardwareSealing, vmId }: OptionValues): AssumedVm {
  if (vmId !== undefined && !GUID.test(vmId as string)) {
    throw new UsageError(`--vm-id: ${JSON.stringify(vmId)} is not a GUID`);
  }
  return {
    attestation: attestation !== false,
    guestWatchdog: guestWatchdog === true,
    hardwareSealing: hardwareSealing === true,
    vmId: (vmId as string | undefined)?.toLowerCase() ?? null,
  };
}
