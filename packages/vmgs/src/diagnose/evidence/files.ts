/** What was read of the files in a store: content that can be judged, tags, and the bytes after the end. */

import type { VmgsError } from "../../errors/index.ts";
import { BLOCK_SIZE, FileId, fileRoles, isAllZero, isSealed, isStoreTable } from "../../format/index.ts";
import { guestFileIds } from "../../guest/index.ts";
import { read, type Steps } from "../../steps/index.ts";
import type { FileRecord, StoreState } from "../../store/index.ts";
import { contentForm, readFileSteps, readRawSteps } from "../../store/rooms.ts";
import { attempt } from "./store.ts";

/** Bytes after the end of a file that are not zero. */
export interface SlackEvidence {
  /** Offset in the image of the first one. */
  readonly offset: number;
  /** Whether it lies in the last sector that the writer filled with zeros. */
  readonly inLastSector: boolean;
}

/** What was read of one file. */
export interface FileEvidence {
  readonly record: FileRecord;
  readonly form: "plain" | "sealed" | "locked";
  /** The content, when there is a judge for it and it can be read. */
  readonly content: Uint8Array | null;
  /** Why it can't be read. */
  readonly error: VmgsError | null;
  /** Whether the file was too large to be read. */
  readonly tooLarge: boolean;
  /** Whether an encrypted file's stored bytes are all zero. */
  readonly storedAllZero: boolean;
  readonly slack: SlackEvidence | null;
}

/** Files whose content is judged, and secret ones: unused space is searched for them. */
const JUDGED: readonly number[] = [
  FileId.BIOS_NVRAM,
  FileId.TPM_NVRAM,
  FileId.CUSTOM_UEFI,
  FileId.TPM_NVRAM_BACKUP,
  FileId.PROVISIONING_MARKER,
  ...guestFileIds,
  ...fileRoles.filter(({ secret }) => secret).map(({ id }) => id),
];

/** Bytes above which a file is not read. */
const MAX_READ = 64 << 20;
/** Bytes after a file's end that are looked at. */
const MAX_SLACK = 1 << 20;

/** Reads the files that `wanted` names, by default all. The store's own two tables are read for their slack only. */
export function* gatherFiles(
  state: StoreState,
  { only }: { readonly only?: readonly number[] } = {},
): Steps<FileEvidence[]> {
  const found: FileEvidence[] = [];
  for (const record of state.files.values()) {
    if (only === undefined || only.includes(record.fileId)) found.push(yield* gatherFile(state, record));
  }
  return found;
}

function* gatherFile(state: StoreState, record: FileRecord): Steps<FileEvidence> {
  const { fileId, byteLength } = record;
  const own = isStoreTable(fileId);
  const form = own ? "plain" : contentForm(state, record).kind;
  const tooLarge = byteLength > MAX_READ;
  const judged = JUDGED.includes(fileId);
  const readable = !own && !tooLarge && (form === "sealed" || (form === "plain" && judged));
  const { value, error } = readable
    ? yield* attempt(readFileSteps(state, fileId))
    : { value: null, error: null };
  const sealed = !own && isSealed(record.attributes);
  return {
    record,
    form,
    content: judged ? value : null,
    error,
    tooLarge,
    storedAllZero: sealed && !tooLarge && (yield* isStoredAllZero(state, record)),
    slack: yield* findSlack(state, record),
  };
}

/** Content that is shorter can be zeros by chance. */
const LEAST_WIPED = 16;

function* isStoredAllZero(state: StoreState, { fileId, byteLength }: FileRecord): Steps<boolean> {
  if (byteLength < LEAST_WIPED) return false;
  const { value } = yield* attempt(readRawSteps(state, fileId));
  return value !== null && isAllZero(value);
}

function* findSlack(state: StoreState, record: FileRecord): Steps<SlackEvidence | null> {
  const start = record.block * BLOCK_SIZE + record.byteLength;
  const end = Math.min((record.block + record.blocks) * BLOCK_SIZE, start + MAX_SLACK);
  if (start >= end) return null;
  const { value: slack } = yield* attempt(read(start, end - start));
  const at = slack?.findIndex((byte) => byte !== 0) ?? -1;
  if (at < 0) return null;
  const { sectorSize } = state.geometry;
  const sectorEnd = Math.ceil(start / sectorSize) * sectorSize;
  return { offset: start + at, inLastSector: start + at < sectorEnd };
}
