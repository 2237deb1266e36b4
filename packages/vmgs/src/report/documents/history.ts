/** `vmgs.history/1`. */

import { checkText, having } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import type { HistoryEntry, StoreHistory } from "../../recovery/index.ts";
import type { RecoveryContainer } from "./container.ts";
import type { Problem } from "./problem.ts";

/** The generations of a store, and what happened between them. */
export interface HistoryDocument extends Pick<StoreHistory, "strayHeaders" | "truncated"> {
  readonly schema: "vmgs.history/1";
  /** The store, as the caller named it. */
  readonly file: string;
  readonly container: RecoveryContainer;
  /** Why the store can't be opened. */
  readonly openError: Problem | null;
  /** Newest first; the order of the older ones is by likeness. */
  readonly generations: readonly HistoryEntry[];
  readonly warnings: readonly Warning[];
}

const checkHistory = having("entries", "strayHeaders", "truncated");
const checkAbout = having("container", "openError", "warnings");

/** What is reported of the history of a store. */
export function historyDocument(
  file: string,
  history: StoreHistory,
  about: Pick<HistoryDocument, "container" | "openError" | "warnings">,
): HistoryDocument {
  checkText(file, "file");
  checkHistory(history, "history");
  checkAbout(about, "about");
  const { openError: _openError, entries, ...rest } = history;
  const { container, openError, warnings } = about;
  return { schema: "vmgs.history/1", file, container, openError, generations: entries, ...rest, warnings };
}
