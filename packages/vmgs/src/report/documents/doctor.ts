/** `vmgs.doctor/1`. */

import { checkText, having } from "../../arguments/index.ts";
import type { BootForecast, Diagnosis, LifetimeForecast } from "../../diagnose/index.ts";
import { checkForecast, checkProblem, checkProblemOrNull } from "../checks.ts";
import type { Problem } from "./problem.ts";

/** What is wrong with a store. */
export interface DoctorDocument
  extends Pick<Diagnosis, "worst" | "findings" | "notChecked" | "container" | "encryption"> {
  readonly schema: "vmgs.doctor/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** By the worst finding: none or info, warning, error, critical. Null when the file can't be read. */
  readonly verdict: Diagnosis["verdict"] | null;
  /** The verdict as a sentence. */
  readonly summary: string | null;
  /**
   * The moment that certificates were judged by.
   *
   * @pattern ^\d{4}-\d\d-\d\dT[\d:.]+Z$
   */
  readonly at: string | null;
  /** What the next boot does under the default lifetime; null when the file can't be read. */
  readonly nextBoot: LifetimeForecast | null;
  /** The VM that was assumed; null when the file can't be read. */
  readonly vm: Diagnosis["vm"] | null;
  /** Files beside this one that interrupted runs left; absent where files of a host can't be seen. */
  readonly leftovers?: readonly string[];
  /** Why the store does not open, or not with the key that was given. */
  readonly error: Problem | null;
}

const checkDiagnosis = having("findings", "verdict", "notChecked", "now");

/** What is reported of a file that was read. */
export function doctorDocument(
  file: string,
  diagnosis: Diagnosis,
  forecast: BootForecast,
  error: Problem | null,
): DoctorDocument {
  checkText(file, "file");
  checkDiagnosis(diagnosis, "diagnosis");
  checkForecast(forecast, "forecast");
  checkProblemOrNull(error, "error");
  const { error: _error, keyError: _keyError, now, ...facts } = diagnosis;
  const nextBoot = forecast.lifetimes.find(({ lifetime }) => lifetime === "default") ?? null;
  return { schema: "vmgs.doctor/1", file, ...facts, at: now.toISOString(), nextBoot, error };
}

/** What is reported of a file that can't be read. */
export function unreadableDoctorDocument(file: string, error: Problem): DoctorDocument {
  checkText(file, "file");
  checkProblem(error, "error");
  return {
    schema: "vmgs.doctor/1",
    file,
    verdict: null,
    summary: null,
    worst: null,
    container: null,
    encryption: null,
    findings: [],
    notChecked: [],
    at: null,
    nextBoot: null,
    vm: null,
    error,
  };
}
