/** Everything that is left on a disk of the generations of its store, even when the store can't be opened. */

import { isVmgsError, type VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  FIRST_DATA_BLOCK,
  type HeaderReading,
  type HeaderSlot,
  headerOffset,
  isAllZero,
  readHeader,
} from "../format/index.ts";
import { peek, read, type Steps } from "../steps/index.ts";
import { type BlockRun, chooseActive, type HeaderPair, type StoreGeometry } from "../store/index.ts";
import {
  type DiskSize,
  examineFileTable,
  type FileTableReading,
  freeRuns,
  geometryOf,
  openSteps,
} from "../store/rooms.ts";
import { recogniseFileTable } from "./recognise-file-table.ts";
import { type FoundHeader, recogniseAt, type ScanResult, scanBlocks, scanSlack } from "./scan.ts";

/**
 * `current`, `previous`: by valid headers. `undecided`: both headers are valid and do not show which is newer. `lost`:
 * the table that a damaged header points to. `older`: a table in a free block to which no header points.
 */
export type GenerationKind = "current" | "previous" | "undecided" | "lost" | "older";

/** One file table, and what is known of the generation it belonged to. */
export interface GenerationReading {
  readonly kind: GenerationKind;
  /** Header slot that points to it; null for an older one. */
  readonly slot: HeaderSlot | null;
  /** Sequence number of that header; null for an older one. */
  readonly sequence: number | null;
  readonly tableBlock: number;
  readonly table: FileTableReading;
  /** Its header is valid, and its table all zeros: it was wiped on purpose, and is not damage. */
  readonly wiped: boolean;
  /** Why this is a generation of the store, one sentence each. */
  readonly evidence: readonly string[];
}

export interface Survey {
  readonly geometry: StoreGeometry;
  /** Both header copies, valid or not. */
  readonly headers: HeaderPair;
  /** Why the store can't be opened, or null when it can. */
  readonly openError: VmgsError | null;
  /** First those that headers point to, newest first, then the older ones in the order of their blocks. */
  readonly generations: readonly GenerationReading[];
  readonly strayHeaders: readonly FoundHeader[];
  /** What was found in blocks that the current generation does not own. */
  readonly scan: ScanResult;
}

/** Reads both headers as they are: nothing about them is refused. */
export function* readHeaderPair(geometry: StoreGeometry): Steps<HeaderPair> {
  const length = Math.min(2 * geometry.sectorSize, geometry.byteLength);
  const sectors = new Uint8Array(2 * geometry.sectorSize);
  sectors.set(yield* read(0, length));
  const reading = (slot: HeaderSlot): HeaderReading =>
    readHeader(sectors, slot, headerOffset(slot, geometry.sectorSize));
  return [reading(0), reading(1)];
}

/** Surveys a disk: headers, their tables, and all blocks that the current generation does not own. Throws only what the disk throws. */
export function* surveySteps(disk: DiskSize): Steps<Survey> {
  const geometry = geometryOf(disk);
  const headers = yield* readHeaderPair(geometry);
  const openError = yield* whyNotOpen(disk);
  const known = yield* headerGenerations(headers, geometry);
  const current = openError === null ? known.find(({ kind }) => kind === "current") : undefined;
  const scan = yield* scanBlocks(geometry, unusedRuns(current, geometry));
  const slack = current === undefined ? [] : yield* scanSlack({ geometry, files: current.table.files });
  const older = scan.tables
    .filter(({ block }) => known.every(({ tableBlock }) => tableBlock !== block))
    .map(({ block, table, evidence }): GenerationReading => {
      return { kind: "older", slot: null, sequence: null, tableBlock: block, table, wiped: false, evidence };
    });
  const strayHeaders = [...(yield* straysNearHeaders(geometry)), ...scan.headers];
  return {
    geometry,
    headers,
    openError,
    generations: [...known, ...older],
    strayHeaders,
    scan: { ...scan, contents: [...scan.contents, ...slack] },
  };
}

function* whyNotOpen(disk: DiskSize): Steps<VmgsError | null> {
  try {
    yield* openSteps(disk);
    return null;
  } catch (error) {
    if (!isVmgsError(error) || error.code === "VMGS_IO") throw error;
    return error;
  }
}

function unusedRuns(current: GenerationReading | undefined, geometry: StoreGeometry): BlockRun[] {
  return freeRuns(current?.table.files.values() ?? [], geometry.blockCapacity);
}

/** The generations that the two headers point to, newest first. */
function* headerGenerations(headers: HeaderPair, geometry: StoreGeometry): Steps<GenerationReading[]> {
  const active = activeSlot(headers);
  const order: readonly HeaderSlot[] =
    active === 1 || (active === null && laterSlot(headers) === 1) ? [1, 0] : [0, 1];
  const found: GenerationReading[] = [];
  for (const slot of order) {
    const reading = headers[slot];
    const generation = yield* headerGeneration(reading, kindOf(reading, active), geometry);
    if (generation !== null && isNew(generation, found)) found.push(generation);
  }
  // What a damaged header points to may be newer than the current generation; it is still listed last.
  return found.sort((a, b) => Number(a.kind === "lost") - Number(b.kind === "lost"));
}

function isNew({ kind, tableBlock }: GenerationReading, found: readonly GenerationReading[]): boolean {
  return kind !== "lost" || found.every((other) => other.tableBlock !== tableBlock);
}

function activeSlot(headers: HeaderPair): HeaderSlot | null {
  try {
    return chooseActive(headers);
  } catch (error) {
    if (isVmgsError(error)) return null;
    throw error;
  }
}

/** The slot whose sequence number is higher, whatever it is worth. */
function laterSlot([first, second]: HeaderPair): HeaderSlot {
  return ((second.header.sequence - first.header.sequence) | 0) > 0 ? 1 : 0;
}

function kindOf(reading: HeaderReading, active: HeaderSlot | null): GenerationKind {
  if (reading.problem !== null) return "lost";
  if (active === null) return "undecided";
  return reading.slot === active ? "current" : "previous";
}

function* headerGeneration(
  { slot, header, blank, problem }: HeaderReading,
  kind: GenerationKind,
  geometry: StoreGeometry,
): Steps<GenerationReading | null> {
  const { sequence, fileTableOffset: tableBlock } = header;
  if (blank || tableBlock < FIRST_DATA_BLOCK || tableBlock >= geometry.blockCapacity) return null;
  const bytes = yield* peek(tableBlock * BLOCK_SIZE, BLOCK_SIZE);
  const recognised = recogniseFileTable(bytes, tableBlock, geometry.blockCapacity);
  // Nothing that a damaged header says counts by itself.
  if (problem !== null && recognised === null) return null;
  const wiped = problem === null && isAllZero(bytes);
  const blankWords = wiped ? "that block is all zeros: it was wiped" : "its entry 0 does not say so itself";
  const says = `header ${slot} (${problem === null ? "valid" : problem.message}) says sequence ${sequence}, file table at block ${tableBlock}`;
  return {
    kind,
    slot,
    sequence,
    tableBlock,
    table: recognised?.table ?? examineFileTable(bytes, tableBlock, geometry.blockCapacity),
    wiped,
    evidence: [says, ...(recognised?.evidence ?? [blankWords])],
  };
}

/** Valid headers in the two header blocks, in other sectors than the two that count. */
function* straysNearHeaders(geometry: StoreGeometry): Steps<FoundHeader[]> {
  const bytes = yield* peek(0, Math.min(FIRST_DATA_BLOCK * BLOCK_SIZE, geometry.byteLength));
  return recogniseAt(bytes, 0).filter(({ offset }) => offset !== 0 && offset !== geometry.sectorSize);
}
