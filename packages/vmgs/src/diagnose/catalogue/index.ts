/** Every kind of finding, declared once. docs/findings.md is made from it (`node scripts/document-findings.mjs`). */

import { containerFindings } from "./container.ts";
import { encryptionFindings } from "./encryption.ts";
import { guestFindings } from "./guest.ts";
import { guestFileFindings } from "./guest-files.ts";
import { markerFindings } from "./marker.ts";
import { storeFindings } from "./store.ts";
import { uefiFindings } from "./uefi.ts";
import { v1Findings } from "./v1.ts";

export { type CatalogueEntry, type Severity, severities } from "./entry.ts";

/**
 * All kinds of findings by their stable identifiers, in the order of reports: from the file around the store to what
 * the guest keeps in it.
 */
export const findingCatalogue = {
  ...containerFindings,
  ...storeFindings,
  ...encryptionFindings,
  ...markerFindings,
  ...guestFindings,
  ...uefiFindings,
  ...v1Findings,
  ...guestFileFindings,
} as const;

/** Stable identifier of a kind of finding. */
export type FindingId = keyof typeof findingCatalogue;
