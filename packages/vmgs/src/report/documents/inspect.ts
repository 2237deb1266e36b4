/** `vmgs.inspect/1`. */

import type { Inspection } from "../../inspect/index.ts";
import type { Generation } from "../../store/index.ts";
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
  { blocks: _blocks, error: _error, ...inspection }: Inspection,
  error: Problem | null,
): InspectDocument {
  return { schema: "vmgs.inspect/1", file, ...inspection, error };
}

/** What is reported of a file whose container can't be opened. */
export function unreadableInspectDocument(
  file: string,
  generation: Generation,
  error: Problem,
): InspectDocument {
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
    space: null,
    marker: null,
    warnings: [],
    error,
  };
}
