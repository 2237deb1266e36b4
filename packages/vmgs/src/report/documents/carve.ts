/** `vmgs.carve/1`. */

import { checkList, checkText, having, orNull, withMembers } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import type { CarvedPiece, Carving } from "../../recovery/index.ts";
import type { RecoveryContainer } from "./container.ts";
import type { Problem } from "./problem.ts";

/** A piece, and the file that it is saved in. */
export interface SavedPiece extends Omit<CarvedPiece, "read"> {
  /** Name in the output folder; holds nothing from the disk but numbers. */
  readonly fileName: string;
  /** SHA-256 of what was saved; null in a dry run. */
  readonly sha256: string | null;
}

/** Old content of a store: the manifest of what is saved. */
export interface CarveDocument {
  readonly schema: "vmgs.carve/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly container: RecoveryContainer;
  /** Why the store can't be opened; null when it can, and the current files are omitted. */
  readonly openError: Problem | null;
  /** Nothing was saved. */
  readonly dryRun: boolean;
  readonly pieces: readonly SavedPiece[];
  /** There was more than a disk of this size can hold. */
  readonly truncated: boolean;
  readonly warnings: readonly Warning[];
}

/** Name of the manifest in the output folder. */
export const MANIFEST = "manifest.json";

const checkCarving = having("pieces", "truncated");
const checkAbout = having("container", "openError", "dryRun", "pieces", "warnings");

/** What is reported of a carving, with the pieces as they were saved. */
export function carveDocument(
  file: string,
  carving: Carving,
  about: Pick<CarveDocument, "container" | "openError" | "dryRun" | "pieces" | "warnings">,
): CarveDocument {
  checkText(file, "file");
  checkCarving(carving, "carving");
  checkAbout(about, "about");
  const { container, openError, dryRun, pieces, warnings } = about;
  return {
    schema: "vmgs.carve/1",
    file,
    container,
    openError,
    dryRun,
    pieces,
    truncated: carving.truncated,
    warnings,
  };
}

/** A piece under the name that its file gets. */
export interface NamedPiece {
  readonly fileName: string;
  readonly piece: CarvedPiece;
}

/** A name for each piece, without anything that comes from the disk but numbers. */
export function namePieces(pieces: readonly CarvedPiece[]): NamedPiece[] {
  checkList(pieces, "pieces");
  const used = new Set<string>([MANIFEST]);
  return pieces.map((piece) => {
    const stem = stemOf(piece);
    let fileName = `${stem}${endingOf(piece)}`;
    if (used.has(fileName)) fileName = `${stem}.block-${piece.block}${endingOf(piece)}`;
    for (let i = 2; used.has(fileName); i++) fileName = `${stem}.block-${piece.block}-${i}${endingOf(piece)}`;
    used.add(fileName);
    return { fileName, piece };
  });
}

const checkNamed = withMembers({ fileName: checkText, piece: having("kind", "read") });
const checkHash = orNull(checkText);

/** What is reported of a named piece. */
export function savedPiece(named: NamedPiece, sha256: string | null): SavedPiece {
  checkNamed(named, "named");
  checkHash(sha256, "sha256");
  const { fileName, piece } = named;
  const { read: _read, ...facts } = piece;
  return { fileName, ...facts, sha256 };
}

const CONTENT_NAMES = {
  marker: "marker",
  variableList: "variable-list",
  tpmState: "tpm-state",
  file: "file",
};

function stemOf({ origin, kind, generations, fileId, name, block, slackOf }: CarvedPiece): string {
  if (slackOf !== null) return `block-${block}.piece-of-${CONTENT_NAMES[kind]}`;
  if (origin === "content") return `block-${block}.${CONTENT_NAMES[kind]}`;
  const generation = (generations[0] ?? "unknown").replaceAll(" ", "-");
  return `${generation}.${fileId}${name === null ? "" : `.${name}`}`;
}

function endingOf({ form, kind, name, confidence }: CarvedPiece): string {
  if (form === "ciphertext") return ".encrypted";
  const isMarker = kind === "marker" || name === "PROVISIONING_MARKER";
  return isMarker && confidence !== "damaged" ? ".json" : ".bin";
}
