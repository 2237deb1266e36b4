/** What a check is, and what came of it. */

import type { ErrorCode } from "../../errors/index.ts";
import type { Bench, Evidence } from "./bench.ts";

/** One thing that any TPM must do. */
export interface ConformanceCheck {
  /** Stable: `index-states`. */
  readonly id: string;
  readonly title: string;
  /** It needs a TPM that can be restarted from here. */
  readonly needsRestart?: boolean;
  /** Does the check; what it sees goes to the bench. */
  run(bench: Bench): Promise<void>;
}

/** What came of a check. */
export interface ConformanceResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: "pass" | "fail" | "skipped";
  /** What was seen, in order. */
  readonly evidence: readonly Evidence[];
  /** Why it was skipped, or what went wrong; null otherwise. */
  readonly reason: string | null;
  /** Code of the error that ended the check, or null. */
  readonly code: ErrorCode | null;
  readonly milliseconds: number;
}

/** What came of all checks. */
export interface ConformanceReport {
  /** The engine's name. */
  readonly engine: string;
  readonly tpm: ConformanceTpm;
  /** Bytes of the certificate index that was used: 4096, or as many as the TPM allows. */
  readonly indexSize: number;
  readonly results: readonly ConformanceResult[];
}

/** What a TPM says of itself. */
export interface ConformanceTpm {
  /** Four characters: `IBM`, `MSFT`; null when the TPM does not say. */
  readonly manufacturer: string | null;
  /** Revision of the specification: `1.38`; null when the TPM does not say. */
  readonly revision: string | null;
  /** Bytes of its largest index; null when the TPM does not say. */
  readonly largestIndex: number | null;
}
