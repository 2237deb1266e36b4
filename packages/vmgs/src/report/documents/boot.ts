/** `vmgs.boot/1`. */

import { checkText } from "../../arguments/index.ts";
import type {
  BootForecast,
  KeyNeed,
  LifetimeForecast,
  TpmForecast,
  UefiForecast,
} from "../../diagnose/index.ts";
import type { GuestStateLifetime } from "../../provisioning/index.ts";
import { checkForecast, checkLifetimeOrNull, checkProblem, checkProblemOrNull } from "../checks.ts";
import type { Problem } from "./problem.ts";

/** What the next boot does with a store. */
export interface BootDocument
  extends Pick<BootForecast, "container" | "lifetimes" | "guest" | "otherSectorSize" | "notes" | "sequence"> {
  readonly schema: "vmgs.boot/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** The lifetime that decides the outcome, and with it the exit code. */
  readonly decidedBy: GuestStateLifetime;
  /** Null when the file can't be read. */
  readonly outcome: LifetimeForecast["outcome"] | null;
  readonly condition: BootForecast["condition"] | null;
  readonly reprovisioned: boolean | null;
  /** Whether the boot needs a datastore key, and who has it. */
  readonly key: (Omit<KeyNeed, "words"> & WithReason) | null;
  /** What becomes of the vTPM where the store is opened. */
  readonly tpm: (Omit<TpmForecast, "words"> & WithReason) | null;
  /** What becomes of the UEFI variables where the store is opened. */
  readonly uefi: (Omit<UefiForecast, "words"> & WithReason) | null;
  /** The VM that was assumed; null when the file can't be read. */
  readonly vm: BootForecast["vm"] | null;
  /** Why the disk can't be used or attached. */
  readonly error: Problem | null;
}

/** Facts with a sentence for people. */
export interface WithReason {
  /** A sentence for people. */
  readonly why: string;
}

/** What is reported of a file that was read. `lifetime` is the one that was asked for, or null for all. */
export function bootDocument(
  file: string,
  forecast: BootForecast,
  lifetime: GuestStateLifetime | null,
  error: Problem | null,
): BootDocument {
  checkText(file, "file");
  checkForecast(forecast, "forecast");
  checkLifetimeOrNull(lifetime, "lifetime");
  checkProblemOrNull(error, "error");
  const { lifetimes: all, key, tpm, uefi, error: _error, ...rest } = forecast;
  const { words: keyWhy, ...keyFacts } = key;
  const { words: tpmWhy, ...tpmFacts } = tpm;
  const { words: uefiWhy, ...uefiFacts } = uefi;
  const decidedBy = lifetime ?? "default";
  return {
    schema: "vmgs.boot/1",
    file,
    decidedBy,
    outcome: decisive(all, decidedBy).outcome,
    ...rest,
    lifetimes: lifetime === null ? all : [decisive(all, lifetime)],
    key: { ...keyFacts, why: keyWhy },
    tpm: { ...tpmFacts, why: tpmWhy },
    uefi: { ...uefiFacts, why: uefiWhy },
    error,
  };
}

function decisive(lifetimes: readonly LifetimeForecast[], asked: GuestStateLifetime): LifetimeForecast {
  const found = lifetimes.find(({ lifetime }) => lifetime === asked);
  if (found === undefined) throw new Error(`no forecast for ${asked}`);
  return found;
}

/** What is reported of a file that can't be read. */
export function unreadableBootDocument(
  file: string,
  lifetime: GuestStateLifetime | null,
  error: Problem,
): BootDocument {
  checkText(file, "file");
  checkLifetimeOrNull(lifetime, "lifetime");
  checkProblem(error, "error");
  return {
    schema: "vmgs.boot/1",
    file,
    decidedBy: lifetime ?? "default",
    outcome: null,
    condition: null,
    sequence: null,
    reprovisioned: null,
    container: null,
    lifetimes: [],
    key: null,
    tpm: null,
    uefi: null,
    vm: null,
    guest: [],
    otherSectorSize: null,
    notes: [],
    error,
  };
}
