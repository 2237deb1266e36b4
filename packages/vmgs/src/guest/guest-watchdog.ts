/** GUEST_WATCHDOG (10): whether the watchdog ended the last boot (spec: guest-files, 1). */

import { checkBytes } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { decode, field, struct, u8 } from "../layout/index.ts";
import { type GuestFileReading, lengthProblem, sound, unreadable } from "./reading.ts";

/** The file: one byte. */
export const guestWatchdog = struct("GUEST_WATCHDOG", {
  lastBootFailed: field(u8, "1 = the watchdog ended the last boot", {
    rule: (value) => (value > 1 ? `is ${value}, neither 0 nor 1` : undefined),
  }),
});

/** What GUEST_WATCHDOG says. */
export interface GuestWatchdogFacts {
  /** Whether the watchdog ended the last boot. Reported to the guest once, then cleared. */
  readonly lastBootFailed: boolean;
}

/** Reads GUEST_WATCHDOG. Only a VM with a guest watchdog reads it. */
export function readGuestWatchdog(bytes: Uint8Array): GuestFileReading<GuestWatchdogFacts> {
  checkBytes(bytes, "bytes");
  const when = "guestWatchdog";
  const { GUEST_WATCHDOG } = FileId;
  const problem = lengthProblem(bytes, guestWatchdog.size ?? 0);
  if (problem !== null) return unreadable(GUEST_WATCHDOG, bytes, problem, { outcome: "fails", when });
  const { lastBootFailed } = decode(guestWatchdog, bytes);
  const message = guestWatchdog.fields.lastBootFailed.rule?.(lastBootFailed);
  if (message !== undefined) {
    return unreadable(GUEST_WATCHDOG, bytes, { code: "value", message }, { outcome: "fails", when });
  }
  const facts = { lastBootFailed: lastBootFailed === 1 };
  return sound(GUEST_WATCHDOG, bytes, facts, { outcome: "used", reason: null, when });
}
