/** The VM that a forecast, and a diagnosis, assumes. */

import { type Check, checkFlag, checkText, optionsOf } from "../arguments/index.ts";

/** The VM that boots: UEFI, and a vTPM with persistent state. */
export interface AssumedVm {
  /** Attestation is on. With attestation off, the boot reads neither file 6 nor 7. Default: true. */
  readonly attestation: boolean;
  /** A guest watchdog is configured. Default: false. */
  readonly guestWatchdog: boolean;
  /**
   * Hardware sealing is configured: where file 11 is the only source of the key, it has to be usable. Default: false,
   * that is, only where the store has no other source.
   */
  readonly hardwareSealing: boolean;
  /** BIOS GUID of the VM; null: that of VM_UNIQUE_ID. */
  readonly vmId: string | null;
}

/** What is assumed unless the caller says otherwise. */
export const ASSUMED_VM: AssumedVm = {
  attestation: true,
  guestWatchdog: false,
  hardwareSealing: false,
  vmId: null,
};

const textOrNull: Check = (value, name) => {
  if (value !== null) checkText(value, name);
};

/** Checks what a caller says of the VM. */
export const checkVm: Check = optionsOf({
  attestation: checkFlag,
  guestWatchdog: checkFlag,
  hardwareSealing: checkFlag,
  vmId: textOrNull,
});
