/** Repairing the file tables of the active generation, as one transaction. */

import { offer } from "../../action/index.ts";
import { BLOCK_SIZE, describeFileId, FileId, type HeaderSlot, isAllZero } from "../../format/index.ts";
import { read, run } from "../../steps/index.ts";
import { chooseActive, isEncrypted, type StoreState } from "../../store/index.ts";
import { examineFileTable, type FileTableReading, geometryOf, plainRecord } from "../../store/rooms.ts";
import { readHeaderPair } from "../survey.ts";
import { commitKept } from "./commit-kept.ts";
import { repairEncrypted } from "./encryption.ts";
import { clearAttributes, dropImpossible, dropOverlapping, type KeptEntries } from "./entries.ts";
import { offerPrevious } from "./offer-previous.ts";
import type { OverlayDisk } from "./overlay.ts";
import type { DraftPlan, TableDecisions } from "./types.ts";

/** Repairs what the active header leads to. The headers must be such that one of them is active. */
export async function repairTables(
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: TableDecisions,
): Promise<void> {
  const view = await viewTable(disk, draft, decisions);
  if (view === null) return;
  const { table } = view;
  const kept: KeptEntries = { files: new Map(table.files), dropped: [], renew: false };
  dropImpossible(table, kept, disk, draft);
  if (table.problems.length > 0) await offerPrevious(disk, draft, decisions, { needed: false });
  repairEntryZero(view.state, kept, draft);
  dropOverlapping(view.state, kept, disk, draft, decisions.drop);
  if (isEncrypted(view.state)) await repairEncrypted(view.state, kept, disk, draft, decisions);
  else await repairPlain(view.state, kept, disk, draft, decisions);
  for (const fileId of decisions.drop) {
    if (kept.dropped.some((record) => record.fileId === fileId)) continue;
    draft.notes.push(
      `${describeFileId(fileId)} shares no block with another file, so it is not dropped; files can be deleted`,
    );
  }
}

interface TableView {
  /** The store as its active header and the possible entries describe it. */
  readonly state: StoreState;
  readonly table: FileTableReading;
}

async function viewTable(
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: TableDecisions,
): Promise<TableView | null> {
  const geometry = geometryOf(disk);
  const headers = await run(readHeaderPair(geometry), disk);
  const activeSlot: HeaderSlot = chooseActive(headers);
  const { header } = headers[activeSlot];
  const block = header.fileTableOffset;
  if (block >= geometry.blockCapacity) {
    draft.findings.push(`header ${activeSlot} places the file table at block ${block}, past the end`);
    await offerPrevious(disk, draft, decisions, { needed: true });
    draft.unrepaired.push({
      problem: "where the file table lies is not certain",
      advice: "take a sound copy, or save what can be found",
      actions: [offer("save what can be found", { kind: "carve" })],
    });
    return null;
  }
  const bytes = await run(read(block * BLOCK_SIZE, BLOCK_SIZE), disk);
  if (isAllZero(bytes)) {
    draft.findings.push(`the file table at block ${block} is blank`);
    await offerPrevious(disk, draft, decisions, { needed: true });
    draft.unrepaired.push({
      problem: "the file table was wiped",
      advice: "take a sound copy, or save what can be found",
      actions: [offer("save what can be found", { kind: "carve" })],
    });
    return null;
  }
  const table = examineFileTable(bytes, block, geometry.blockCapacity);
  const state: StoreState = {
    geometry,
    headers,
    activeSlot,
    header,
    generation: "current",
    files: table.files,
    unlocked: null,
  };
  return { state, table };
}

/** The table's entry for itself: the header knows better. */
function repairEntryZero(state: StoreState, kept: KeptEntries, draft: DraftPlan): void {
  const block = state.header.fileTableOffset;
  const self = kept.files.get(FileId.FILE_TABLE);
  if (self?.block === block && self.blocks === 1) return;
  const found = self === undefined ? "has no entry for itself" : `says that it lies at block ${self.block}`;
  draft.findings.push(`the file table at block ${block} ${found}`);
  kept.files.set(
    FileId.FILE_TABLE,
    plainRecord({ fileId: FileId.FILE_TABLE, block, blocks: 1, byteLength: BLOCK_SIZE }),
  );
  kept.renew = true;
  draft.steps.push({
    kind: "tables",
    title: "write the file table anew, with an entry for itself",
    evidence: [
      `header ${state.activeSlot} is valid, and what lies at block ${block} reads as a file table`,
      `${kept.files.size - 1} other entries are possible and stay as they are`,
    ],
  });
}

async function repairPlain(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
  { cipher }: TableDecisions,
): Promise<void> {
  await clearAttributes(state, kept, disk, draft);
  if (!kept.files.has(FileId.EXTENDED_FILE_TABLE)) {
    draft.findings.push("the file table has no usable entry for the extended file table");
    kept.renew = true;
    draft.steps.push({
      kind: "tables",
      title: "write an empty extended file table",
      evidence: ["the store has no encryption, so there is nothing in it but zeros"],
    });
  }
  await commitKept(state, kept, disk, [], cipher);
}
