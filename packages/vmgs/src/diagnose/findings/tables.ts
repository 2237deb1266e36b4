/** The file tables, and who owns which block. Pure. */

import type { WarningCode } from "../../errors/index.ts";
import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  fileIdName,
  isSealed,
  SMALLEST_USEFUL_BLOCKS,
} from "../../format/index.ts";
import { isEncrypted, type StoreState, storeSpace, storeWarnings } from "../../store/index.ts";
import { overlaps } from "../../store/rooms.ts";
import type { FindingId } from "../catalogue/index.ts";
import type { FileEvidence, StoreEvidence } from "../evidence/index.ts";
import { type Finding, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** What is wrong with the tables. */
export function tableFindings(evidence: Evidence): Finding[] {
  const { store, files, extendedTableInUse } = evidence;
  if (store === null) return [];
  const { state } = store;
  const found = impossibleEntries(store);
  if (state === null) return found;
  found.push(...fromWarnings(state), ...overlapFindings(state), ...ownEntryFindings(state));
  if (extendedTableInUse) {
    const block = state.files.get(FileId.EXTENDED_FILE_TABLE)?.block ?? 0;
    found.push(
      finding("table-extended-not-zero", `block ${block} is not zero, though the store is not encrypted`, {
        offset: block * BLOCK_SIZE,
        block,
      }),
    );
  }
  return [...found, ...spaceFindings(state), ...slackFindings(evidence, state, files)];
}

/** Entries that no reader accepts, of the table that is followed. */
function impossibleEntries({ error, tables }: StoreEvidence): Finding[] {
  if (error?.code === "VMGS_FILE_TABLE_OUT_OF_RANGE") {
    const { block = 0, limit = 0 } = error.facts;
    return [finding("table-out-of-range", error.message, { block, blocks: limit })];
  }
  if (error?.code !== "VMGS_CORRUPT_FILE_TABLE") return [];
  const { offset = 0 } = error.facts;
  const followed = tables.find(({ block }) => block === Math.floor(offset / BLOCK_SIZE));
  return (followed?.problems ?? [error]).map(({ message, facts }) =>
    finding("table-entry-impossible", message, {
      offset: facts.offset ?? 0,
      fileId: facts.fileId ?? 0,
      ...(followed && { tableBlock: followed.block }),
    }),
  );
}

/** Warnings of the store that are findings as they are. */
const BY_WARNING: Partial<Record<WarningCode, FindingId>> = {
  VMGS_TABLE_ENTRY_MISMATCH: "table-own-entries",
  VMGS_ATTRIBUTES_DIFFER: "table-attributes-differ",
  VMGS_RESERVED_NOT_ZERO: "table-reserved",
  VMGS_ENCRYPTED_IN_PLAIN_STORE: "table-encrypted-in-plain-store",
  VMGS_STORE_TOO_SMALL: "space-too-small",
  VMGS_NO_KEY_SLOT: "encryption-no-key-slot",
};

function fromWarnings(state: StoreState): Finding[] {
  return storeWarnings(state).flatMap(({ code, message }) => {
    const id = BY_WARNING[code];
    return id === undefined ? [] : [finding(id, message, { tableBlock: state.header.fileTableOffset })];
  });
}

function overlapFindings({ files }: StoreState): Finding[] {
  return overlaps(files.values()).map(([a, b]) => {
    const end = Math.min(a.block + a.blocks, b.block + b.blocks);
    return finding(
      "table-overlap",
      `${describeFileId(a.fileId)} has ${a.blocks} ${a.blocks === 1 ? "block" : "blocks"} from ${a.block} on, ${describeFileId(b.fileId)} ${b.blocks} from ${b.block} on`,
      {
        offset: b.block * BLOCK_SIZE,
        block: b.block,
        sharedBlocks: end - b.block,
        fileId: a.fileId,
        otherFileId: b.fileId,
      },
    );
  });
}

function ownEntryFindings(state: StoreState): Finding[] {
  const found: Finding[] = [];
  const extended = state.files.get(FileId.EXTENDED_FILE_TABLE);
  if (extended !== undefined && isEncrypted(state) && !isSealed(extended.attributes)) {
    const { attributes, block } = extended;
    const message = `file 63 has attributes ${attributes} in an encrypted store`;
    found.push(finding("table-extended-attributes", message, { fileId: 63, attributes, block }));
  }
  for (const { fileId, block, byteLength } of state.files.values()) {
    if (fileIdName(fileId) !== null) continue;
    const message = `file ${fileId} has ${byteLength} bytes`;
    found.push(finding("table-unassigned-file", message, { fileId, block, bytes: byteLength }));
  }
  return found;
}

/** Files that a running VM writes again and again. */
const REWRITTEN: readonly number[] = [
  FileId.BIOS_NVRAM,
  FileId.TPM_NVRAM,
  FileId.RTC_SKEW,
  FileId.TPM_185_NVRAM,
];

function spaceFindings(state: StoreState): Finding[] {
  const { largestFreeRun, freeBlocks, blocks } = storeSpace(state);
  if (blocks < SMALLEST_USEFUL_BLOCKS) return [];
  const found: Finding[] = [];
  for (const fileId of REWRITTEN) {
    const record = state.files.get(fileId);
    if (record === undefined) continue;
    const needed = Math.max(1, Math.ceil(record.byteLength / BLOCK_SIZE));
    // The file table takes a block of the same transaction, and with a key so does the extended one.
    const all = needed + (isEncrypted(state) ? 2 : 1);
    if (largestFreeRun >= needed && freeBlocks >= all) continue;
    found.push(
      finding(
        "space-low",
        `writing ${describeFileId(fileId)} needs ${needed} free blocks in one run and ${all} in all; the longest run has ${largestFreeRun}, ${freeBlocks} are free`,
        { fileId, neededBlocks: needed, largestFreeRun, freeBlocks },
      ),
    );
  }
  return found;
}

/** Bytes after the ends of files; not where another file also owns the blocks. */
function slackFindings(
  { leftovers }: Evidence,
  state: StoreState,
  files: readonly FileEvidence[],
): Finding[] {
  const shared = new Set(overlaps(state.files.values()).flatMap(([a, b]) => [a.fileId, b.fileId]));
  const own = files.filter(({ slack, record }) => slack !== null && !shared.has(record.fileId));
  const written = own.filter(({ slack }) => slack?.inLastSector);
  const left = own.filter(({ slack }) => !slack?.inLastSector);
  const found = written.map(({ record, slack }) => {
    const [end, offset] = [endOf(record), slack?.offset ?? 0];
    const message = `${describeFileId(record.fileId)} ends at byte ${end}; there is data at ${offset}`;
    const block = Math.floor(offset / BLOCK_SIZE);
    return finding("slack-data", message, { offset, fileId: record.fileId, block, endsAt: end });
  });
  // What was recognised there is a finding of its own.
  const recognised = new Set(leftovers?.plain.map(({ slackOf }) => slackOf));
  const unknown = isEncrypted(state) ? left.filter(({ record }) => !recognised.has(record.fileId)) : left;
  const [first] = unknown;
  if (first === undefined) return found;
  const names = unknown.map(({ record }) => describeFileId(record.fileId)).join(", ");
  const facts = {
    offset: first.slack?.offset ?? 0,
    fileIds: unknown.map(({ record }) => record.fileId).join(", "),
  };
  return [
    ...found,
    finding(isEncrypted(state) ? "slack-unknown" : "slack-leftover", `after ${names}`, facts),
  ];
}

const endOf = ({ block, byteLength }: FileEvidence["record"]) => block * BLOCK_SIZE + byteLength;
