/** `vmgs.inspect/1`. */

import { checkText, oneOf } from "../../arguments/index.ts";
import type { Inspection } from "../../inspect/index.ts";
import type { Generation } from "../../store/index.ts";
import { checkInspection, checkProblem, checkProblemOrNull } from "../checks.ts";
import type { Problem } from "./problem.ts";

/** Headers, files, encryption, marker and space of a store. Each part is null when it could not be read. */
export interface InspectDocument extends Omit<Inspection, "container" | "blocks" | "error"> {
  readonly schema: "vmgs.inspect/1";
  /** The store, as the caller named it. */
  readonly file: string;
  /** The file around the store; null when it is nothing that is known. */
  readonly container: Inspection["container"] | null;
  /** Why the rest is null. */
  readonly error: Problem | null;
}

/** What is reported of a store. The block map is for eyes: files and space say the same. */
export function inspectDocument(
  file: string,
  inspection: Inspection,
  error: Problem | null,
): InspectDocument {
  checkText(file, "file");
  checkInspection(inspection, "inspection");
  checkProblemOrNull(error, "error");
  const { blocks: _blocks, error: _error, ...shown } = inspection;
  return { schema: "vmgs.inspect/1", file, ...shown, error };
}

const checkGeneration = oneOf(["current", "previous"]);

/** What is reported of a file whose container can't be opened. */
export function unreadableInspectDocument(
  file: string,
  generation: Generation,
  error: Problem,
): InspectDocument {
  checkText(file, "file");
  checkGeneration(generation, "generation");
  checkProblem(error, "error");
  return {
    schema: "vmgs.inspect/1",
    file,
    container: null,
    headers: null,
    active: null,
    previousUsable: false,
    generation,
    encryption: null,
    files: null,
    guestFiles: null,
    space: null,
    marker: null,
    warnings: [],
    error,
  };
}
