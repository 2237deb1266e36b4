/** What OpenHCL's boot does with a guest state disk: the table of the specification as one pure decision. */

import { checkFlag, checkObject, oneOf, optional, withMembers } from "../arguments/index.ts";
import type { ErrorCode, VmgsError } from "../errors/index.ts";
import type { ProvisioningReason } from "../format/index.ts";

/** How long guest state lives, as the host configures it. */
export const guestStateLifetimes = ["default", "reprovision-on-failure", "reprovision", "ephemeral"] as const;
/** What the host wants a boot to do with the guest state (spec: boot flow). */
export type GuestStateLifetime = (typeof guestStateLifetimes)[number];

/** What is found on a guest state disk. */
export type DiskCondition =
  | { readonly kind: "valid"; readonly reprovisioned: boolean }
  /** Both headers are zero. */
  | { readonly kind: "empty" }
  /** Invalid, corrupt, version 1, or unreadable. */
  | { readonly kind: "unusable"; readonly error: VmgsError };

/** The fatal event that a failing boot reports to the host. */
export type BootEvent = "InvalidFormat" | "CorruptFormat" | "InitFailed";

/** What a boot does with the disk of the guest state (spec: boot flow). */
export type BootDecision =
  /** The store is used as it is; `clearReprovisioned` is one header write. */
  | { readonly action: "open"; readonly clearReprovisioned: boolean }
  /** The disk is formatted and the marker written; what was on the disk is lost. */
  | { readonly action: "format"; readonly reason: ProvisioningReason; readonly setReprovisioned: boolean }
  | { readonly action: "fail"; readonly event: BootEvent; readonly error: VmgsError | null }
  /** The disk is not touched: the guest state lives in memory. */
  | { readonly action: "ignore" }
  /** The store goes on from its saved state, without I/O. */
  | { readonly action: "resume" };

/** What a boot depends on beside what is on the disk. */
export interface BootCircumstances {
  readonly lifetime: GuestStateLifetime;
  /** The boot restores a saved state. */
  readonly restoring?: boolean;
}

const checkCircumstances = withMembers({
  lifetime: oneOf(guestStateLifetimes),
  restoring: optional(checkFlag),
});

/** Decides what a boot does (spec: provisioning and the marker, the table). */
export function decideBoot(condition: DiskCondition, circumstances: BootCircumstances): BootDecision {
  checkObject(condition, "condition", "kind");
  checkCircumstances(circumstances, "circumstances");
  const { lifetime, restoring = false } = circumstances;
  if (restoring) return { action: "resume" };
  switch (lifetime) {
    case "ephemeral":
      return { action: "ignore" };
    case "reprovision":
      return condition.kind === "valid" && condition.reprovisioned
        ? { action: "open", clearReprovisioned: false }
        : { action: "format", reason: "request", setReprovisioned: true };
    case "default":
    case "reprovision-on-failure":
      return decideByCondition(condition, lifetime);
  }
}

function decideByCondition(
  condition: DiskCondition,
  lifetime: "default" | "reprovision-on-failure",
): BootDecision {
  if (condition.kind === "valid") return { action: "open", clearReprovisioned: condition.reprovisioned };
  if (condition.kind === "empty") return { action: "format", reason: "empty", setReprovisioned: false };
  return lifetime === "reprovision-on-failure"
    ? { action: "format", reason: "failure", setReprovisioned: false }
    : { action: "fail", event: bootEvent(condition.error.code), error: condition.error };
}

const CORRUPT: readonly ErrorCode[] = [
  "VMGS_SEQUENCE_CONFLICT",
  "VMGS_FILE_TABLE_OUT_OF_RANGE",
  "VMGS_CORRUPT_FILE_TABLE",
];
const INVALID: readonly ErrorCode[] = ["VMGS_NO_VALID_HEADER", "VMGS_VERSION_UNSUPPORTED", "VMGS_V1_FORMAT"];

function bootEvent(code: ErrorCode): BootEvent {
  if (CORRUPT.includes(code)) return "CorruptFormat";
  return INVALID.includes(code) ? "InvalidFormat" : "InitFailed";
}
