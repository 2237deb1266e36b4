/** `vmgs.marker/1`. */

import { checkText, having, orNull } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import { type InspectedMarker, markerReport } from "../../inspect/index.ts";
import type { Json } from "../../layout/index.ts";
import type { MarkerLocation } from "../../store/index.ts";
import { checkOpening } from "../checks.ts";
import type { Problem } from "./problem.ts";

/** The provisioning marker of a store. */
export interface MarkerDocument {
  readonly schema: "vmgs.marker/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** The marker in the terms of this project. Null when there is none, or it can't be read: see error. */
  readonly marker: InspectedMarker | null;
  /** All fields as the marker has them, with their own names. Untrusted. */
  readonly fields: { readonly [name: string]: Json } | null;
  /** Notices about opening the store. */
  readonly warnings: readonly Warning[];
  /** Why there is no marker. */
  readonly error: Problem | null;
}

const checkFound = orNull(having("marker", "fileId", "misplaced", "bytes"));

/** What is reported of a marker, or of a store that has none. */
export function markerDocument(
  file: string,
  found: MarkerLocation | null,
  opening: Pick<MarkerDocument, "warnings" | "error">,
): MarkerDocument {
  checkText(file, "file");
  checkFound(found, "found");
  checkOpening(opening, "opening");
  const { warnings, error } = opening;
  return {
    schema: "vmgs.marker/1",
    file,
    marker: found && markerReport(found),
    fields: found && Object.fromEntries(found.marker.fields),
    warnings,
    error,
  };
}
