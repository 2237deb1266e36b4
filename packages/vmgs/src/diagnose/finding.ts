/** One thing that was found. */

import { type OfferedAction, type Subject, specific } from "../action/index.ts";
import { checkList } from "../arguments/index.ts";
import {
  type CatalogueEntry,
  type FindingId,
  findingCatalogue,
  type Severity,
  severities,
} from "./catalogue/index.ts";

/**
 * Numbers and words that prove a finding, by name. Text may come from the store and is untrusted. A 64-bit number above
 * 2^53 - 1 is a decimal string.
 */
export type FindingEvidence = Readonly<Record<string, string | number | boolean>>;

/** Something wrong, or worth knowing, with its evidence. */
export interface Finding extends CatalogueEntry {
  /** Stable; a section of docs/findings.md. */
  readonly id: FindingId;
  /** A sentence with the facts of this case. May quote text of the store, which is untrusted. Never a secret. */
  readonly message: string;
  /** `offset` counts bytes of the file, `block` blocks of 4096 bytes, `stateOffset` and `listOffset` bytes of the file in the store. */
  readonly evidence: FindingEvidence;
  /** What can be done about it in this store, in the order of trying. None of them would be refused. */
  readonly actions: readonly OfferedAction[];
}

/** A finding of a declared kind. */
export function finding(id: FindingId, message: string, evidence: FindingEvidence = {}): Finding {
  const declared: CatalogueEntry = findingCatalogue[id];
  const actions = (declared.actions ?? []).flatMap((one) => specific(one, subjectOf(evidence)) ?? []);
  return { id, ...declared, message, evidence, actions };
}

function subjectOf({ fileId, block, diskBytes, behind }: FindingEvidence): Subject {
  return {
    ...(typeof fileId === "number" && { fileId }),
    ...(typeof block === "number" && { block }),
    // All of a disk that its footer cuts.
    ...(typeof diskBytes === "number" && typeof behind === "number" && { bytes: diskBytes + behind }),
  };
}

const ids = Object.keys(findingCatalogue);

/** Worst first; among equals in the order of the catalogue. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const rank = ({ severity, id }: Finding) => severities.indexOf(severity) * ids.length + ids.indexOf(id);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

/** The severity of the worst, or null when nothing was found. */
export function worstSeverity(findings: readonly Finding[]): Severity | null {
  checkList(findings, "findings");
  return severities.find((severity) => findings.some((one) => one.severity === severity)) ?? null;
}
