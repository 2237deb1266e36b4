/** Looks through blocks for what old generations left there, a few blocks at a time. */

import { BLOCK_SIZE, isAllZero, MAX_MARKER_SIZE } from "../format/index.ts";
import { peek, type Steps } from "../steps/index.ts";
import type { BlockRun, StoreGeometry, StoreState } from "../store/index.ts";
import { unusedRanges } from "../store/rooms.ts";
import { recogniseTpmState, recogniseTpmStatePiece } from "../tpm/index.ts";
import {
  MAX_LIST_BYTES,
  mayBeVariableList,
  recogniseVariableList,
  recogniseVariablePiece,
} from "../uefi/index.ts";
import { type FileTableEvidence, recogniseFileTable } from "./recognise-file-table.ts";
import { type HeaderEvidence, recogniseHeader } from "./recognise-header.ts";
import { mayBeMarker, recogniseMarker } from "./recognise-marker.ts";

/** A file table in a block that the store does not use. */
export interface FoundTable extends FileTableEvidence {
  readonly block: number;
}

/** A valid header where no header belongs. */
export interface FoundHeader extends HeaderEvidence {
  /** Bytes from the start of the disk. */
  readonly offset: number;
}

/** Content that can be recognised without a name. */
export interface FoundContent {
  readonly kind: "marker" | "variableList" | "tpmState";
  readonly block: number;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  /** The file after whose end it lies, a piece from anywhere in its content; null where it begins a free block. */
  readonly slackOf: number | null;
  /** Bytes of the content, as far as it shows its length. */
  readonly bytes: number;
  /** Why it is that, one sentence each. May hold untrusted text. */
  readonly evidence: readonly string[];
}

export interface ScanResult {
  readonly tables: readonly FoundTable[];
  readonly headers: readonly FoundHeader[];
  readonly contents: readonly FoundContent[];
  /** True when there was more than is kept: a disk made to exhaust memory. */
  readonly truncated: boolean;
}

/** Most finds that are kept of each kind. No store in use has more. */
const MOST_FINDS = 1024;
/** Blocks that are read at once. */
const CHUNK = 64;
/** Bytes that a TPM state has today; half of it when it comes from the legacy service. */
const TPM_STATE_BYTES = 32_768;
const SECTOR = 512;

interface Finds {
  readonly tables: FoundTable[];
  readonly headers: FoundHeader[];
  readonly contents: FoundContent[];
}

/** Looks through runs of blocks. Blocks of zeros cost little; the rest is shown to every recogniser. */
export function* scanBlocks(geometry: StoreGeometry, runs: readonly BlockRun[]): Steps<ScanResult> {
  const finds: Finds = { tables: [], headers: [], contents: [] };
  for (const run of runs) {
    for (let done = 0; done < run.blocks; done += CHUNK) {
      const blocks = Math.min(CHUNK, run.blocks - done);
      const promising = lookAt(
        yield* peek((run.block + done) * BLOCK_SIZE, blocks * BLOCK_SIZE),
        { block: run.block + done, blocks },
        geometry,
        finds,
      );
      for (const block of promising) yield* lookCloser(block, geometry, finds);
    }
  }
  const { tables, headers, contents } = finds;
  const truncated = [tables, headers, contents].some(({ length }) => length >= MOST_FINDS);
  return { tables, headers, contents, truncated };
}

/** What lies in whole blocks is found at once; the numbers of those that may begin something longer are returned. */
function lookAt(
  chunk: Uint8Array,
  { block, blocks }: BlockRun,
  geometry: StoreGeometry,
  finds: Finds,
): number[] {
  const promising: number[] = [];
  for (let i = 0; i < blocks; i++) {
    const bytes = chunk.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE);
    if (isBlank(bytes)) continue;
    const table = recogniseFileTable(bytes, block + i, geometry.blockCapacity);
    if (table !== null) keep(finds.tables, { block: block + i, ...table });
    for (const header of recogniseAt(bytes, (block + i) * BLOCK_SIZE)) keep(finds.headers, header);
    if (table === null && (mayBeMarker(bytes) || mayBeVariableList(bytes) || mayBeTpmState(bytes))) {
      promising.push(block + i);
    }
  }
  return promising;
}

/** Valid headers at the sectors of some bytes of the disk. */
export function recogniseAt(bytes: Uint8Array, offset: number): FoundHeader[] {
  const found: FoundHeader[] = [];
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const header = recogniseHeader(bytes.subarray(at));
    if (header !== null) found.push({ offset: offset + at, ...header });
  }
  return found;
}

function* lookCloser(block: number, geometry: StoreGeometry, finds: Finds): Steps<void> {
  const room = (geometry.blockCapacity - block) * BLOCK_SIZE;
  const window = yield* peek(block * BLOCK_SIZE, Math.min(room, Math.max(MAX_LIST_BYTES, MAX_MARKER_SIZE)));
  const found = recogniseContent(window);
  if (found !== null) keep(finds.contents, { block, offset: block * BLOCK_SIZE, slackOf: null, ...found });
}

/** Searches the bytes after the ends of files, in their own blocks: pieces of older content. */
export function* scanSlack(state: Pick<StoreState, "files" | "geometry">): Steps<FoundContent[]> {
  const found: FoundContent[] = [];
  for (const { offset, bytes, fileId } of unusedRanges(state)) {
    if (fileId === null) continue;
    for (let at = offset; at < offset + bytes && found.length < MOST_FINDS; ) {
      const inBlock = at % BLOCK_SIZE;
      const piece = yield* peek(at, Math.min(offset + bytes - at, BLOCK_SIZE - inBlock));
      const content = isAllZero(piece) ? null : recognisePiece(piece, inBlock);
      const block = Math.floor(at / BLOCK_SIZE);
      if (content !== null) found.push({ block, offset: at, slackOf: fileId, ...content });
      at += piece.length;
    }
  }
  return found;
}

function recognisePiece(piece: Uint8Array, inBlock: number): Recognised | null {
  const bytes = piece.findLastIndex((byte) => byte !== 0) + 1;
  const tpm = recogniseTpmStatePiece(piece, inBlock);
  if (tpm.length > 0) return { kind: "tpmState", bytes, evidence: tpm };
  const variables = recogniseVariablePiece(piece);
  return variables && { kind: "variableList", bytes, evidence: variables.evidence };
}

type Recognised = Pick<FoundContent, "kind" | "bytes" | "evidence">;

/** What bytes are, when their content shows it: a marker, a UEFI variable list or a TPM state. */
export function recogniseContent(bytes: Uint8Array): Recognised | null {
  const marker = recogniseMarker(bytes);
  if (marker !== null) return { kind: "marker", bytes: marker.bytes, evidence: marker.evidence };
  const list = recogniseVariableList(bytes);
  if (list !== null) return { kind: "variableList", bytes: list.bytes, evidence: list.evidence };
  const state = recogniseTpmState(bytes.subarray(0, TPM_STATE_BYTES));
  if (state === null) return null;
  const length = Math.min(bytes.length, TPM_STATE_BYTES);
  const guess = `its length is not in it; ${length} bytes are what is made today`;
  return { kind: "tpmState", bytes: length, evidence: [...state.evidence, guess] };
}

/** The fixed regions of a TPM state fit a block. */
function mayBeTpmState(block: Uint8Array): boolean {
  return recogniseTpmState(block) !== null;
}

function isBlank(bytes: Uint8Array): boolean {
  const words = new Float64Array(
    bytes.buffer,
    bytes.byteOffset,
    bytes.byteOffset % 8 === 0 ? bytes.length / 8 : 0,
  );
  if (words.length === 0) return bytes.every((byte) => byte === 0);
  // Minus zero counts as zero here; no program writes a block of nothing else.
  return words.every((word) => word === 0);
}

function keep<T>(list: T[], item: T): void {
  if (list.length < MOST_FINDS) list.push(item);
}
