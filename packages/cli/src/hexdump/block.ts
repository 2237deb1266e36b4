/** One block of the disk. What may be left of a seed or a private key in it is hidden. */

import { BLOCK_SIZE, FileId, type FileRecord, fileRole, isEncrypted, type StoreState } from "vmgskit";
import {
  extendedFileTable,
  fileTable,
  HEADER_SIZE,
  headerOffset,
  isAllZero,
  isSealed,
  isStoreTable,
  type PictureRow,
  picture,
} from "vmgskit/format";
import { bytePart, byteRows, type HexdumpPart } from "../terminal/index.ts";
import { hiddenRow, rowsWithin, type Stretch } from "./byte-rows.ts";

/** A block, and what is known of the store around it. */
export interface BlockView {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly sectorSize: 512 | 4096;
  /** The generation that is shown, and the other one, as far as they open. Not one: nothing is known of the block. */
  readonly states: readonly StoreState[];
  /** The part of the block that is wanted. */
  readonly wanted: Stretch;
  readonly rawSecrets: boolean;
}

/** Draws a block: a table by its fields, all else as bytes. */
export function blockPart(view: BlockView): HexdumpPart {
  const { block, bytes, states, wanted, rawSecrets } = view;
  const base = block * BLOCK_SIZE;
  const table = rawSecrets ? null : tableAt(states, block);
  if (table === null) return bytePart(`block ${block}`, base + wanted.start, visibleRows(view, base));
  const { rows, error } = table.draw(bytes, base);
  return {
    title: `block ${block}: ${table.name}`,
    offset: base + wanted.start,
    structured: true,
    rows: rowsWithin(rows, wanted, base),
    error: error?.message ?? null,
  };
}

/** The table that lies in a block, unless a damaged store says that a secret lies there too. */
function tableAt(states: readonly StoreState[], block: number) {
  const [state] = states;
  if (state === undefined || states.some((one) => hasSecretFileAt(one, block))) return null;
  if (block === state.header.fileTableOffset) {
    return { name: "fileTable", draw: (bytes: Uint8Array, base: number) => picture(fileTable, bytes, base) };
  }
  if (isEncrypted(state) || state.files.get(FileId.EXTENDED_FILE_TABLE)?.block !== block) return null;
  return {
    name: "extendedFileTable",
    draw: (bytes: Uint8Array, base: number) => picture(extendedFileTable, bytes, base),
  };
}

function hasSecretFileAt(state: StoreState, at: number): boolean {
  return [...state.files.values()].some(
    (record) =>
      !isStoreTable(record.fileId) &&
      holdsSecrets(state, record) &&
      at >= record.block &&
      at < record.block + record.blocks,
  );
}

/** Lines of what may be seen; what is hidden between them is counted, unless it is zero. */
function* visibleRows(view: BlockView, base: number): Generator<PictureRow> {
  const { bytes, wanted, rawSecrets } = view;
  const linesOf = ({ start, end }: Stretch) => byteRows(bytes.subarray(start, end), base + start);
  if (rawSecrets) return yield* linesOf(wanted);
  const visible = visibleBytes(view);
  for (let start = wanted.start; start < wanted.end; ) {
    const shown = visible[start] === 1;
    let end = start + 1;
    while (end < wanted.end && (visible[end] === 1) === shown) end++;
    const stretch = { start, end };
    if (shown || isAllZero(bytes.subarray(start, end))) yield* linesOf(stretch);
    else yield hiddenRow(stretch, base, HIDDEN);
    start = end;
  }
}

const HIDDEN = "may be left of seeds or private keys; --raw-secrets shows it";

/**
 * 1 for each byte that is a header, or content of a file that is not secret or is encrypted. All else may be left of
 * anything: free blocks, the slack after files, all blocks of a store that does not open.
 */
function visibleBytes({ block, bytes, sectorSize, states }: BlockView): Uint8Array {
  const visible = new Uint8Array(bytes.length);
  const first = block * BLOCK_SIZE;
  const mark = (start: number, end: number, value: 0 | 1) =>
    visible.fill(value, Math.max(0, start - first), Math.max(0, end - first));
  for (const slot of [0, 1] as const) {
    const at = headerOffset(slot, sectorSize);
    mark(at, at + HEADER_SIZE, 1);
  }
  const [shown] = states;
  for (const record of shown?.files.values() ?? []) {
    if (shown !== undefined && !holdsSecrets(shown, record)) mark(...contentOf(record), 1);
  }
  // Also where entries overlap, and where the other generation has a secret in the same place.
  for (const state of states) {
    for (const record of state.files.values()) {
      if (holdsSecrets(state, record)) mark(...contentOf(record), 0);
    }
  }
  return visible;
}

function contentOf({ block, byteLength }: FileRecord): [start: number, end: number] {
  return [block * BLOCK_SIZE, block * BLOCK_SIZE + byteLength];
}

/** Whether the stored bytes are a secret in plain: encrypted ones give nothing away. */
function holdsSecrets(state: StoreState, { fileId, attributes, nonce, tag }: FileRecord): boolean {
  // The extended file table of a plain store has keys once it was encrypted.
  if (isStoreTable(fileId)) return fileId === FileId.EXTENDED_FILE_TABLE && !isEncrypted(state);
  const written = !isAllZero(nonce) || !isAllZero(tag);
  return fileRole(fileId).secret && !(isEncrypted(state) && isSealed(attributes) && written);
}
