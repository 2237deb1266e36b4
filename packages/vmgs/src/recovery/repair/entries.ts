/** Which entries of a file table can't stay: impossible ones, overlapping ones, files that do not match their tag. */

import { offer } from "../../action/index.ts";
import { BLOCK_SIZE, describeFileId, FileId, isAllZero, isSealed } from "../../format/index.ts";
import { read, run } from "../../steps/index.ts";
import type { BlockRun, FileRecord, StoreState } from "../../store/index.ts";
import { type FileTableReading, overlaps } from "../../store/rooms.ts";
import { recogniseContent } from "../scan.ts";
import type { OverlayDisk } from "./overlay.ts";
import type { DraftPlan, SavedContent } from "./types.ts";

/** What of a table is kept, and what is not. */
export interface KeptEntries {
  readonly files: Map<number, FileRecord>;
  /** Entries that are dropped. */
  readonly dropped: FileRecord[];
  /** Whether the tables must be written anew. */
  renew: boolean;
}

/** The part of a run that lies on the disk. */
export function onDisk({ block, blocks }: BlockRun, blockCapacity: number): BlockRun | null {
  const end = Math.min(block + blocks, blockCapacity);
  return block < end ? { block, blocks: end - block } : null;
}

/** Drops an entry: out of the table, its stored bytes saved as far as they lie on the disk. */
export function dropEntry(
  { files, dropped }: KeptEntries,
  record: FileRecord,
  disk: OverlayDisk,
  draft: DraftPlan,
  evidence: readonly string[],
): void {
  files.delete(record.fileId);
  dropped.push(record);
  const name = describeFileId(record.fileId);
  const saved = savedContent(record, disk);
  if (saved !== null) draft.saves.push(saved);
  const kept =
    saved === null ? "nothing of it lies on the disk" : `${saved.bytes} stored bytes are saved before`;
  draft.steps.push({ kind: "entry", title: `drop the entry of ${name}`, evidence: [...evidence, kept] });
}

function savedContent(record: FileRecord, disk: OverlayDisk): SavedContent | null {
  const capacity = Math.floor(disk.byteLength / BLOCK_SIZE);
  const run = onDisk(record, capacity);
  if (run === null) return null;
  const bytes = Math.min(run.blocks * BLOCK_SIZE, Math.max(record.byteLength, BLOCK_SIZE));
  const { fileId } = record;
  const title = `stored bytes of ${describeFileId(fileId)}, from block ${run.block} on`;
  return {
    fileId,
    title,
    bytes,
    async read() {
      const content = new Uint8Array(bytes);
      await disk.read(run.block * BLOCK_SIZE, content);
      return content;
    },
  };
}

/** Entries that no reader accepts. */
export function dropImpossible(
  { problems, impossible }: FileTableReading,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
): void {
  for (const { message, facts } of problems) {
    draft.findings.push(message);
    const record = impossible.get(facts.fileId ?? -1);
    if (record === undefined) continue;
    // Entry 0 is known from the header, and is written anew with the table.
    if (record.fileId === FileId.FILE_TABLE) continue;
    kept.renew = true;
    if (record.fileId === FileId.EXTENDED_FILE_TABLE) continue;
    const evidence = ["no reader accepts it, and the whole store can't be opened with it"];
    dropEntry(kept, record, disk, draft, evidence);
  }
}

/** Entries that share blocks. Where one of them is a table, the other is wrong; else the user must choose. */
export function dropOverlapping(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
  chosen: readonly number[],
): void {
  for (const pair of overlaps(kept.files.values())) {
    const [a, b] = pair;
    // An entry that was dropped for another overlap is gone.
    if (!kept.files.has(a.fileId) || !kept.files.has(b.fileId)) continue;
    const words = `${describeFileId(a.fileId)} and ${describeFileId(b.fileId)} share block ${Math.max(a.block, b.block)}`;
    draft.findings.push(words);
    const table = pair.find(({ fileId }) => fileId === FileId.FILE_TABLE);
    const file = pair.find(({ fileId }) => fileId !== FileId.FILE_TABLE);
    if (table !== undefined && file !== undefined && table.block === state.header.fileTableOffset) {
      kept.renew = true;
      const evidence = [
        `the file table lies at block ${table.block}: the header says so, and it is read from there`,
      ];
      if (file.fileId === FileId.EXTENDED_FILE_TABLE) kept.files.delete(file.fileId);
      else dropEntry(kept, file, disk, draft, evidence);
      continue;
    }
    const decided = pair.find(({ fileId }) => chosen.includes(fileId));
    if (decided !== undefined) {
      kept.renew = true;
      dropEntry(kept, decided, disk, draft, ["you chose it"]);
      continue;
    }
    offerDrops(pair, draft, words);
  }
}

function offerDrops(pair: readonly FileRecord[], draft: DraftPlan, words: string): void {
  for (const { fileId } of pair) {
    if (fileId === FileId.EXTENDED_FILE_TABLE) continue;
    draft.choices.push({
      decision: { kind: "drop", fileId },
      title: `drop the entry of ${describeFileId(fileId)}, its stored bytes saved before`,
      evidence: [`${words}; there is no way to know which of them owns it: read both files and compare`],
      needed: true,
    });
  }
}

/** Files of a store without encryption that say they are encrypted: right when their content says what it is. */
export async function clearAttributes(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
): Promise<void> {
  for (const record of [...kept.files.values()]) {
    if (!isSealed(record.attributes)) continue;
    const name = describeFileId(record.fileId);
    draft.findings.push(`${name} is marked as encrypted in a store without encryption`);
    const length = Math.min(record.byteLength, 131_072);
    const start = length === 0 ? null : await run(read(record.block * BLOCK_SIZE, length), disk);
    const content = start === null ? null : recogniseContent(start);
    const isBlank = isAllZero(record.nonce) && isAllZero(record.tag);
    if (content === null && !isBlank) {
      draft.unrepaired.push({
        problem: `${name}: there is no way to know whether its bytes are plain`,
        advice: "look at the stored bytes; if they are plain, write them back as plain",
        actions: [
          offer("read the stored bytes", { kind: "readFile", fileId: record.fileId, raw: true }),
          offer("write them back as plain", {
            kind: "writeFile",
            fileId: record.fileId,
            form: "plain",
            replace: true,
          }),
        ],
      });
      continue;
    }
    kept.renew = true;
    kept.files.set(record.fileId, plainCopy(record));
    draft.steps.push({
      kind: "entry",
      title: `mark ${name} as plain`,
      evidence: [
        `the store has no encryption: header ${state.activeSlot} says so`,
        ...(isBlank
          ? ["it has no nonce and no tag, as every encrypted file has"]
          : (content?.evidence ?? [])),
      ],
    });
  }
}

function plainCopy(record: FileRecord): FileRecord {
  return { ...record, attributes: 0, nonce: new Uint8Array(12), tag: new Uint8Array(16) };
}
