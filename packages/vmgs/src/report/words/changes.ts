/** What became of something between two moments, in one word and one sign. */

import type { FilePlace } from "../../comparison/index.ts";
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
