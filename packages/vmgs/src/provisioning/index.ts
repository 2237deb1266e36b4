/** The boot flow and the provisioning marker: who made a store, why, and with which vTPM parameters. */
export {
  type BootCircumstances,
  type BootDecision,
  type BootEvent,
  type DiskCondition,
  decideBoot,
  type GuestStateLifetime,
  guestStateLifetimes,
} from "./boot-decision.ts";
export { type MarkerParameters, provisioningMarker, writerVersion } from "./marker-parameters.ts";
export {
  examineDisk,
  type ProvisionOptions,
  type ProvisionOutcome,
  provisionDisk,
  wasProvisionedThisBoot,
} from "./provision.ts";
