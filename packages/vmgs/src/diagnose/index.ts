/**
 * What is wrong with a store, and what its next boot will do: `diagnose` and `forecastBoot`. Both read any file,
 * whatever it holds, and never write. Everything is judged by pure functions over what was read.
 *
 * @packageDocumentation
 */

export { ASSUMED_VM, type AssumedVm } from "./assumed-vm.ts";
export {
  type BootCondition,
  type BootForecast,
  type ForecastOptions,
  forecastBoot,
  type OtherSectorSize,
} from "./boot/forecast.ts";
export type { KeyNeed } from "./boot/key-need.ts";
export type { BootOutcome, LifetimeForecast } from "./boot/lifetimes.ts";
export type { Losses, LostFile, LostWindowsState } from "./boot/losses.ts";
export { contentRefusal } from "./boot/refused-content.ts";
export type { TpmForecast, TpmOutcome } from "./boot/tpm-forecast.ts";
export type { UefiForecast, UefiOutcome } from "./boot/uefi-forecast.ts";
export {
  type CatalogueEntry,
  type FindingId,
  findingCatalogue,
  type Severity,
  severities,
} from "./catalogue/index.ts";
export { type DiagnoseOptions, type Diagnosis, diagnose, type Verdict } from "./diagnose.ts";
export { type Finding, type FindingEvidence, worstSeverity } from "./finding.ts";
export type { GuestEffect, GuestEffectKind, GuestEffectReason } from "./guest-effects.ts";
export type { NotChecked } from "./not-checked.ts";
