/** `vmgs.undo/1`. */

import { checkFlag, checkList, checkText, having, withMembers } from "../../arguments/index.ts";
import { compareTables, type TableChange } from "../../comparison/index.ts";
import type { Warning } from "../../errors/index.ts";
import type { HeaderSlot } from "../../format/index.ts";
import { isEncrypted, isReprovisioned, type StoreState, usedKeySlots } from "../../store/index.ts";

/** What the header of a generation says beside where its files are. */
export interface GenerationFacts {
  readonly encrypted: boolean;
  /** Key slots in use. */
  readonly keySlots: readonly HeaderSlot[];
  readonly reprovisioned: boolean;
}

/** A store that goes back to the generation before. */
export interface UndoDocument {
  readonly schema: "vmgs.undo/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly dryRun: boolean;
  /** Sequence number of the generation that is left. */
  readonly leaves: number;
  /** Sequence number that the generation had which is current again. */
  readonly goesBackTo: number;
  /** Sequence number afterwards. */
  readonly sequence: number;
  /** Slot of the header that is written. */
  readonly slot: HeaderSlot;
  /** What happens to files. */
  readonly changes: readonly TableChange[];
  readonly before: GenerationFacts;
  readonly after: GenerationFacts;
  readonly warnings: readonly Warning[];
}

const checkStore = having("header", "headers", "files");
const checkFacts = withMembers({ dryRun: checkFlag, warnings: checkList });

/** What is reported of an undo, planned or done. `after`: the state that the plan leads to. */
export function undoDocument(
  file: string,
  before: StoreState,
  after: StoreState,
  facts: Pick<UndoDocument, "dryRun" | "warnings">,
): UndoDocument {
  checkText(file, "file");
  checkStore(before, "before");
  checkStore(after, "after");
  checkFacts(facts, "facts");
  const { dryRun, warnings } = facts;
  const slot = after.activeSlot;
  return {
    schema: "vmgs.undo/1",
    file,
    dryRun,
    leaves: before.header.sequence,
    goesBackTo: before.headers[slot].header.sequence,
    sequence: after.header.sequence,
    slot,
    changes: compareTables(before.files, after.files),
    before: factsOf(before),
    after: factsOf(after),
    warnings,
  };
}

const factsOf = (state: StoreState): GenerationFacts => ({
  encrypted: isEncrypted(state),
  keySlots: usedKeySlots(state.header),
  reprovisioned: isReprovisioned(state),
});
