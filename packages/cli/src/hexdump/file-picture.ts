/** The declared fields of a file, with everything secret hidden; null when nothing is declared that fits its bytes. */

import { FileId } from "vmgskit";
import type { Picture, PictureRow } from "vmgskit/format";
import { pictureGuestFile } from "vmgskit/guest";
import { pictureTpmState, readTpmState, recogniseTpmState } from "vmgskit/tpm";

/** Draws the content of a file. */
export async function pictureFile(id: number, bytes: Uint8Array): Promise<Picture | null> {
  if (id === FileId.TPM_NVRAM || id === FileId.TPM_NVRAM_BACKUP) return pictureSoundState(bytes);
  return pictureGuestFile(id, bytes);
}

/** Where fields are damaged, secrets may lie where other fields should be: then there is no picture. */
async function pictureSoundState(bytes: Uint8Array): Promise<Picture | null> {
  if (recogniseTpmState(bytes)?.sound !== true) return null;
  const { problems, unreadable } = await readTpmState(bytes);
  if (problems.length > 0 || unreadable.length > 0) return null;
  const rows = pictureTpmState(bytes);
  const end = rows.reduce((last, { offset, size }) => Math.max(last, offset + size), 0);
  return { rows: end < bytes.length ? [...rows, unusedRow(end, bytes.length - end)] : rows, error: null };
}

/** After the list lies what is left of deleted entries. */
function unusedRow(offset: number, size: number): PictureRow {
  const meaning = "unused; may be left of deleted entries";
  return {
    offset,
    size,
    path: "unused",
    type: `${size} bytes`,
    hex: null,
    value: null,
    words: "secret",
    meaning,
  };
}
