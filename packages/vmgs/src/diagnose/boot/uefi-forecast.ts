/** What becomes of the UEFI variables when a boot opens the store. Pure. */

import { type FirmwareEvidence, firmwareStop } from "../evidence/index.ts";

/**
 * `none`: there are no variables, so firmware begins with the host's template. `used`: they are read. `skips`: names
 * without a NUL are left out, and gone with the next write. `refusesWindows`: they are used, and secure boot lets no boot
 * loader of Windows start. `stops`: the boot ends, or firmware starts nothing.
 * `unknown`: the variables can't be read without a key.
 */
export type UefiOutcome = "none" | "used" | "skips" | "refusesWindows" | "stops" | "unknown";

/** What a boot does with the UEFI variables. */
export interface UefiForecast {
  readonly outcome: UefiOutcome;
  /** A sentence for people. */
  readonly words: string;
}

/** Forecasts files 1 and 9. */
export function forecastUefi(evidence: FirmwareEvidence): UefiForecast {
  const stop = firmwareStop(evidence);
  switch (stop?.kind) {
    case "list":
      return stops(`the UEFI variables can't be read, at ${stop.problem.offset}: ${stop.problem.message}`);
    case "custom":
      return stops(`the custom UEFI settings are needed, and can't be read: ${stop.error.message}`);
    case "nothing-trusted":
      return stops("secure boot is on and db has nothing to trust: firmware starts no boot loader");
  }
  const { uefi, withoutVariables } = evidence;
  if (withoutVariables === true) {
    return {
      outcome: "none",
      words: "there are no UEFI variables: firmware begins with the host's template",
    };
  }
  if (uefi === null) return { outcome: "unknown", words: "the UEFI variables can't be looked at" };
  const skipped = uefi.list.problems.length;
  if (skipped > 0) {
    const words = `${skipped} UEFI variables have a name without a NUL: they are skipped, and gone with the next write`;
    return { outcome: "skips", words };
  }
  if (uefi.secureBoot.obstacle === "windows-revoked") {
    const words =
      "secure boot lets no boot loader of Windows start: dbx revokes its CA of 2011, and db lacks that of 2023";
    return { outcome: "refusesWindows", words };
  }
  return { outcome: "used", words: "the UEFI variables are read" };
}

const stops = (words: string): UefiForecast => ({ outcome: "stops", words });
