/** The VM that a forecast assumes, in words. */

import type { AssumedVm } from "../../diagnose/index.ts";

/** `UEFI, a vTPM with persistent state, attestation, no guest watchdog, hardware sealing` */
export function vmWords({ attestation, guestWatchdog, hardwareSealing, vmId }: AssumedVm): string {
  const parts = [
    "UEFI",
    "a vTPM with persistent state",
    attestation ? "attestation" : "no attestation",
    guestWatchdog ? "a guest watchdog" : "no guest watchdog",
    hardwareSealing ? "hardware sealing" : "hardware sealing where nothing else gives the key",
    ...(vmId === null ? [] : [`VM ID ${vmId}`]),
  ];
  return parts.join(", ");
}
