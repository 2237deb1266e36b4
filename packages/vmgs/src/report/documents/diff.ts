/** `vmgs.diff/1`. */

import { checkText, having, oneOf, withMembers } from "../../arguments/index.ts";
import type { StoreComparison } from "../../comparison/index.ts";
import type { Json } from "../../layout/index.ts";
import type { Generation } from "../../store/index.ts";

/** One of the two stores that are compared. */
export interface ComparedSide {
  /** The store, as the caller named it. */
  readonly file: string;
  readonly generation: Generation;
}

/** A field of the marker that differs. Untrusted. */
export interface MarkerDifference {
  readonly field: string;
  /** Null where the field, or the marker, is missing. */
  readonly before: Json;
  readonly after: Json;
}

/** What differs between two stores, or two generations of one. */
export interface DiffDocument extends Omit<StoreComparison, "marker"> {
  readonly schema: "vmgs.diff/1";
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  readonly marker: readonly MarkerDifference[];
}

const checkSide = withMembers({ file: checkText, generation: oneOf(["current", "previous"]) });
const checkComparison = having("same", "files", "marker", "notCompared");

/** What is reported of a comparison. */
export function diffDocument(
  before: ComparedSide,
  after: ComparedSide,
  comparison: StoreComparison,
): DiffDocument {
  checkSide(before, "before");
  checkSide(after, "after");
  checkComparison(comparison, "comparison");
  const { marker, ...rest } = comparison;
  return {
    schema: "vmgs.diff/1",
    before,
    after,
    ...rest,
    marker: marker.map(({ field, before, after }) => ({
      field,
      before: before ?? null,
      after: after ?? null,
    })),
  };
}
