/** The generations of a store, newest first, with what happened between them: what `vmgs history` shows. */

import {
  compareTables,
  type FilePlace,
  filePlace,
  isSameContent,
  type TableChange,
} from "../comparison/index.ts";
import { checkDisk, type Disk } from "../disk/index.ts";
import type { VmgsError } from "../errors/index.ts";
import type { HeaderSlot } from "../format/index.ts";
import { run } from "../steps/index.ts";
import type { FileRecord } from "../store/index.ts";
import { shareBlocks } from "../store/rooms.ts";
import { type GenerationKind, type GenerationReading, type Survey, surveySteps } from "./survey.ts";

/**
 * What became of a file's blocks. `current`: the current generation has this very content. `free`: no generation that
 * a header points to owns the blocks, or this one does; nothing speaks against the content. `overwritten`: a newer
 * generation owns some of them.
 */
export type FileFate = "current" | "free" | "overwritten";

/** A file of a generation, and what became of it. */
export interface HistoricFile extends FilePlace {
  readonly fate: FileFate;
}

/** One generation. */
export interface HistoryEntry {
  /** `current`, `previous`, `lost header 1`, `older 2`: unique in one history. */
  readonly label: string;
  readonly kind: GenerationKind;
  /** Slot and sequence of the header that points to it; null for an older one. */
  readonly slot: HeaderSlot | null;
  readonly sequence: number | null;
  readonly tableBlock: number;
  /** It was wiped: its header is valid, but nothing of its files and tables is left. */
  readonly wiped: boolean;
  readonly files: readonly HistoricFile[];
  /** What happened from the next generation that was not wiped to this one; null when there is none. */
  readonly changes: readonly TableChange[] | null;
  /** Label of that generation. */
  readonly since: string | null;
  /** Why this is a generation. */
  readonly evidence: readonly string[];
  /** Entries of its table that are impossible. */
  readonly problems: readonly string[];
}

/** The generations of a store that are still on the disk. */
export interface StoreHistory {
  /** Why the store can't be opened, or null when it can. */
  readonly openError: VmgsError | null;
  /**
   * Those that headers point to, newest first; then the older ones. The disk does not record the order of the older
   * ones: each is followed by the one that differs least from it.
   */
  readonly entries: readonly HistoryEntry[];
  /** Valid headers where no header belongs, by byte offset. */
  readonly strayHeaders: readonly { readonly offset: number; readonly sequence: number }[];
  /** True when more was found than is kept. */
  readonly truncated: boolean;
}

/** Reads the history of a store; also of one that can't be opened. Throws only what the disk throws. */
export async function readHistory(disk: Disk): Promise<StoreHistory> {
  checkDisk(disk, "disk");
  return historyOf(await run(surveySteps(disk), disk));
}

/** The history that a survey shows. Pure. */
function historyOf(survey: Survey): StoreHistory {
  const generations = orderGenerations(survey.generations);
  const labels = labelsOf(generations);
  return {
    openError: survey.openError,
    entries: generations.map((generation, i) => {
      const next = generation.wiped ? undefined : generations.slice(i + 1).find(({ wiped }) => !wiped);
      return {
        label: labels[i] as string,
        kind: generation.kind,
        slot: generation.slot,
        sequence: generation.sequence,
        tableBlock: generation.tableBlock,
        wiped: generation.wiped,
        files: [...generation.table.files.values()].map((record) => ({
          ...filePlace(record),
          fate: fateOf(record, generation, survey),
        })),
        changes: next === undefined ? null : compareTables(next.table.files, generation.table.files),
        since: next === undefined ? null : (labels[generations.indexOf(next)] as string),
        evidence: generation.evidence,
        problems: generation.table.problems.map(({ message }) => message),
      };
    }),
    strayHeaders: survey.strayHeaders.map(({ offset, reading }) => {
      return { offset, sequence: reading.header.sequence };
    }),
    truncated: survey.scan.truncated,
  };
}

/** Older generations above which the order is that of their blocks: comparing each with each takes too long. */
const MOST_ORDERED = 256;

/** Older generations by likeness: after each one the one with the fewest differences. */
export function orderGenerations(generations: readonly GenerationReading[]): GenerationReading[] {
  const ordered = generations.filter(({ kind }) => kind !== "older");
  const left = generations.filter(({ kind }) => kind === "older");
  if (left.length > MOST_ORDERED) return [...ordered, ...left];
  while (left.length > 0) {
    const last = ordered.at(-1);
    const distances = left.map((candidate) => (last === undefined ? 0 : distance(candidate, last)));
    const [nearest] = left.splice(distances.indexOf(Math.min(...distances)), 1);
    ordered.push(nearest as GenerationReading);
  }
  return ordered;
}

function distance(a: GenerationReading, b: GenerationReading): number {
  return compareTables(a.table.files, b.table.files).length;
}

/** A name for each generation. */
export function labelsOf(generations: readonly GenerationReading[]): string[] {
  let older = 0;
  return generations.map(({ kind, slot }) => {
    if (kind === "older") return `older ${++older}`;
    return kind === "current" || kind === "previous" ? kind : `${kind} header ${slot}`;
  });
}

/** What became of the blocks of a file of some generation. */
export function fateOf(record: FileRecord, generation: GenerationReading, { generations }: Survey): FileFate {
  const current = generations.find(({ kind }) => kind === "current");
  if (generation === current) return "current";
  const newer = generations.filter((other) => other !== generation && isNewer(other, generation));
  if (current !== undefined && newer.includes(current) && holds(current, record)) return "current";
  const owners = newer.flatMap(({ table }) => [...table.files.values()]);
  const taken = owners.some((owner) => shareBlocks(owner, record) && !isSameContent(owner, record));
  return taken ? "overwritten" : "free";
}

function holds({ table }: GenerationReading, record: FileRecord): boolean {
  return [...table.files.values()].some((other) => isSameContent(other, record));
}

/** Whether one generation is certainly newer than another: all that headers point to are newer than all others. */
function isNewer(a: GenerationReading, b: GenerationReading): boolean {
  if (a.kind === "current") return true;
  return a.kind !== "older" && a.kind !== "lost" && b.kind === "older";
}
