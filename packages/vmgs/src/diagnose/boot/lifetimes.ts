/** What a boot does under one guest state lifetime, and what comes of it. Pure. */

import { otherSlot, type ProvisioningReason } from "../../format/index.ts";
import {
  type BootDecision,
  type BootEvent,
  type DiskCondition,
  decideBoot,
  type GuestStateLifetime,
} from "../../provisioning/index.ts";
import type { V1Examination } from "../../v1/index.ts";
import type { Gathered } from "../evidence/index.ts";
import type { GuestEffect } from "../guest-effects.ts";
import type { KeyNeed } from "./key-need.ts";
import { type Losses, losesData, lossesOf } from "./losses.ts";
import type { TpmForecast } from "./tpm-forecast.ts";
import type { UefiForecast } from "./uefi-forecast.ts";

/** `starts`: nothing is lost. `losesData`: it starts, and something is gone for ever. `fails`: it does not start. */
export type BootOutcome = "starts" | "losesData" | "fails";

/** What a boot does under one guest state lifetime. */
export interface LifetimeForecast {
  readonly lifetime: GuestStateLifetime;
  readonly action: "open" | "format" | "fail" | "ignore";
  /** Why it is formatted, as the marker will record it; null when it is not. */
  readonly reason: ProvisioningReason | null;
  /** Event that a failing boot reports to the host; null where it reports none, or the host does not start it. */
  readonly event: BootEvent | null;
  readonly outcome: BootOutcome;
  /** A sentence each: why, and what follows. */
  readonly why: readonly string[];
  /** What is lost by formatting; null when it is not formatted. */
  readonly losses: Losses | null;
}

export interface Circumstances {
  readonly gathered: Gathered;
  /** Null where the file is not of version 1. */
  readonly v1: V1Examination | null;
  readonly keyNeed: KeyNeed;
  readonly tpm: TpmForecast;
  readonly uefi: UefiForecast;
  readonly guest: readonly GuestEffect[];
}

/** Forecasts one lifetime. */
export function forecastLifetime(
  lifetime: GuestStateLifetime,
  condition: DiskCondition,
  circumstances: Circumstances,
): LifetimeForecast {
  const { error } = circumstances.gathered.container;
  const decision = decideBoot(condition, { lifetime });
  const base = { lifetime, reason: null, event: null, losses: null };
  if (decision.action === "ignore") {
    const why = "the file is not used: the guest state lives in memory and is gone after the boot";
    return { ...base, action: "ignore", outcome: "starts", why: [why] };
  }
  if (error !== null) {
    const why = `the host can't attach the file as a disk: ${error.message}`;
    const unseen = "OpenHCL does not get to see it";
    const seen = error.code === "VMGS_VHD_FOOTER_MISSING" ? [REFUSED_BY_HOST] : [];
    return { ...base, action: "fail", outcome: "fails", why: [why, unseen, ...seen] };
  }
  return { ...base, ...ofDecision(decision, condition, lifetime, circumstances) };
}

type Forecast = Pick<LifetimeForecast, "action" | "outcome" | "why"> & Partial<LifetimeForecast>;

function ofDecision(
  decision: BootDecision,
  condition: DiskCondition,
  lifetime: GuestStateLifetime,
  circumstances: Circumstances,
): Forecast {
  switch (decision.action) {
    case "format":
      return formatting(decision, condition, circumstances);
    case "fail":
      return {
        action: "fail",
        outcome: "fails",
        event: decision.event,
        why: [`${decision.error?.message}`, "the lifetime does not allow formatting", SEEN_FROM_OUTSIDE],
      };
    default: {
      const clears = decision.action === "open" && decision.clearReprovisioned;
      return opening(clears, lifetime, circumstances);
    }
  }
}

function formatting(
  { reason, setReprovisioned }: Extract<BootDecision, { action: "format" }>,
  condition: DiskCondition,
  { gathered, v1 }: Circumstances,
): Forecast {
  const losses = lossesOf(gathered, v1);
  const lost = losesData(losses);
  const why = [whyFormatted(reason, condition)];
  if (condition.kind === "empty" && lost) {
    why.push(`the disk is not blank: there is data from byte ${gathered.store?.firstDataAt ?? 0} on`);
  }
  why.push(`the marker will record reason \`${reason}\``);
  if (setReprovisioned)
    why.push("`reprovisioned` is set, so that the next boot with this lifetime opens the store");
  return { action: "format", reason, outcome: lost ? "losesData" : "starts", why, losses };
}

function whyFormatted(reason: ProvisioningReason, condition: DiskCondition): string {
  if (reason === "empty") return "both headers are zero: the disk is taken for blank";
  if (reason === "failure" && condition.kind === "unusable") return condition.error.message;
  return condition.kind === "valid"
    ? "the host asks for it, and the store does not say that it was done"
    : "the host asks for it";
}

/** What a person sees of a boot that OpenHCL ends (spec: guest-files, 5). */
const SEEN_FROM_OUTSIDE =
  "seen from outside: the partition starts, nothing appears on the serial port, and the VM is turned off after 120 seconds with a fatal firmware error";

/** The same of a file without a footer. */
const REFUSED_BY_HOST =
  "seen from outside: the host refuses the disk with 0x80070570, corrupted and unreadable, before any guest code runs";

/** A valid store is opened: then its key, its newest generation and its vTPM decide. */
function opening(clears: boolean, lifetime: GuestStateLifetime, circumstances: Circumstances): Forecast {
  const { gathered, keyNeed, tpm, uefi, guest } = circumstances;
  const state = gathered.store?.state;
  const why = [`the store is valid (header ${state?.activeSlot}, sequence ${state?.header.sequence})`];
  if (clears) why.push("`reprovisioned` is cleared, which is a header write");
  else if (lifetime === "reprovision") why.push("`reprovisioned` says that it was done; the flag stays");
  const lost = lostGeneration(gathered);
  if (lost !== null) why.push(lost);
  if (keyNeed.impossible !== null) {
    return {
      action: "open",
      outcome: "fails",
      why: [...why, `it can't be unlocked: ${keyNeed.impossible}`, SEEN_FROM_OUTSIDE],
    };
  }
  if (keyNeed.noSource !== null) {
    const tried = `there is no source of the key: ${keyNeed.noSource}; the boot tries ten times and ends with DisableVmgsEncryptionFailed`;
    return { action: "open", outcome: "fails", why: [...why, tried, SEEN_FROM_OUTSIDE] };
  }
  if (tpm.outcome === "refused" || tpm.outcome === "damaged" || tpm.outcome === "repaired")
    why.push(tpm.words);
  if (uefi.outcome === "stops" || uefi.outcome === "skips" || uefi.outcome === "refusesWindows")
    why.push(uefi.words);
  const met = guest.filter(({ unless }) => unless === null);
  why.push(...met.map(({ words }) => words));
  const fails =
    tpm.outcome === "refused" || uefi.outcome === "stops" || met.some(({ kind }) => kind === "fails");
  if (fails) return { action: "open", outcome: "fails", why: [...why, SEEN_FROM_OUTSIDE] };
  const losesKeys = met.some(({ kind }) => kind === "clearsTpm" || kind === "refreshesSeeds");
  const losesTpm = losesKeys || tpm.outcome === "damaged" || tpm.cutAt !== null;
  const loses = lost !== null || uefi.outcome === "skips" || losesTpm;
  return { action: "open", outcome: loses ? "losesData" : "starts", why };
}

/** A damaged newer header: the boot goes back one generation, and its first write makes that final. */
function lostGeneration({ store }: Gathered): string | null {
  const state = store?.state;
  if (!state) return null;
  const other = state.headers[otherSlot(state.activeSlot)];
  const newer = other.header.sequence === (state.header.sequence + 1) >>> 0;
  if (other.problem === null || other.blank || !newer) return null;
  return `header ${other.slot} (sequence ${other.header.sequence}) is newer and damaged: the last change is lost with the first write`;
}
