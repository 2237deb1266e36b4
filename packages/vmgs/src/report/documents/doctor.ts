/** `vmgs.doctor/1`. */

import type { Diagnosis } from "../../diagnose/index.ts";
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
  /** Why the store does not open, or not with the key that was given. */
  readonly error: Problem | null;
}

/** What is reported of a file that was read. */
export function doctorDocument(
  file: string,
  { error: _error, keyError: _keyError, now, ...diagnosis }: Diagnosis,
  error: Problem | null,
): DoctorDocument {
  return { schema: "vmgs.doctor/1", file, ...diagnosis, at: now.toISOString(), error };
}

/** What is reported of a file that can't be read. */
export function unreadableDoctorDocument(file: string, error: Problem): DoctorDocument {
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
    error,
  };
}
