/** What became of something between two moments, in one word and one sign. */

import type { FilePlace, TableChange } from "../../comparison/index.ts";
import { formatSize } from "./sizes.ts";

/** Words for the kinds of changes. */
export const changeWords = {
  came: "added",
  went: "removed",
  changed: "changed",
  moved: "moved",
  stored: "stored",
  unknown: "unknown",
} as const;

/** `190 bytes`, or `190 bytes -> 200 bytes`. */
export function sizeChange(before: number, after: number): string {
  return before === after ? formatSize(after) : `${formatSize(before)} -> ${formatSize(after)}`;
}

/** `TPM_NVRAM (3)`, `file 12`. */
export const fileName = ({ id, name }: Pick<FilePlace, "id" | "name">) =>
  name === null ? `file ${id}` : `${name} (${id})`;

/** A file, its size and its place, before and after. */
export function placesWords({ kind, before, after }: TableChange): string {
  if (before === null || after === null) return placeWords((after ?? before) as FilePlace);
  if (kind === "moved") return `${fileName(before)} to ${fileName(after)}`;
  const places =
    before.block === after.block ? `block ${after.block}` : `block ${before.block} -> block ${after.block}`;
  const stored =
    before.encrypted === after.encrypted ? "" : after.encrypted ? ", now encrypted" : ", now plain";
  return `${fileName(after)}: ${sizeChange(before.bytes, after.bytes)}, ${places}${stored}`;
}

const placeWords = (place: FilePlace) =>
  `${fileName(place)}: ${formatSize(place.bytes)}, block ${place.block}${place.encrypted ? ", encrypted" : ""}`;
