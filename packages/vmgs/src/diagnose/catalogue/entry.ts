/** What is declared of every kind of finding. */

import type { OfferedAction } from "../../action/index.ts";

/** From worst to least. */
export const severities = ["critical", "error", "warning", "info"] as const;

/**
 * How bad a finding is. `critical`: the store can't be used, or its secrets are open. `error`: a part is broken, or
 * the next boot or write goes wrong. `warning`: works today, and should be looked at. `info`: worth knowing.
 */
export type Severity = (typeof severities)[number];

/** What is always said about a finding, whatever the store. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** A few words, without a full stop. */
  readonly title: string;
  /** What it means for the owner of the store. */
  readonly meaning: string;
  /** What to do about it, in words. */
  readonly cure: string;
  /** What can be done about it, in the order of trying; `ID`, `BLOCK` and `BYTES` stand for values of the evidence. */
  readonly actions?: readonly OfferedAction[];
}
