/** Checks that a TPM does what virtual TPMs rely on, on any engine, with the evidence. */
export type { Bench, Evidence } from "./bench.ts";
export type {
  ConformanceCheck,
  ConformanceReport,
  ConformanceResult,
  ConformanceTpm,
} from "./check.ts";
export { type ConformanceOptions, conformanceChecks, runTpmConformance } from "./run.ts";
