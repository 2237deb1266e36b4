/** What a reader accepts and should still warn about (spec: opening, the stricter rules; the zero metadata key flaw). */

import type { Warning } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  fileAttributes,
  header,
  isAllZero,
  isSealed,
  isStoreTable,
  metadataKeySlot,
  otherSlot,
  SMALLEST_USEFUL_BLOCKS,
} from "../format/index.ts";
import { hexNumber, problems } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { KEY_SIZE, type Steps } from "../steps/index.ts";
import { overlaps } from "./allocator.ts";
import { why } from "./read-headers.ts";
import { checkState, isEncrypted, type StoreState, usedKeySlots } from "./state.ts";
import { unsealExtendedFileTable } from "./unlock-steps.ts";

/** Everything that headers and tables alone show. */
export function storeWarnings(state: StoreState): Warning[] {
  checkState(state, "state");
  return [
    ...headerWarnings(state),
    ...tableWarnings(state),
    ...overlapWarnings(state),
    ...attributeWarnings(state),
    ...reservedWarnings(state),
    ...sizeWarnings(state),
  ];
}

function headerWarnings(state: StoreState): Warning[] {
  const other = state.headers[otherSlot(state.activeSlot)];
  const found: Warning[] = [];
  if (other.problem !== null && !other.blank) {
    // A damaged header may still hold its sequence, which shows whether it was the newer one.
    const newer = other.header.sequence === (state.header.sequence + 1) >>> 0;
    found.push(
      newer
        ? { code: "VMGS_ACTIVE_HEADER_LOST", message: `${why(other)}; the previous generation is read` }
        : { code: "VMGS_OTHER_HEADER_INVALID", message: why(other) },
    );
  }
  if (isEncrypted(state) && usedKeySlots(state.header).length === 0) {
    found.push({
      code: "VMGS_NO_KEY_SLOT",
      message: "the store says that it is encrypted, but both key slots are empty",
    });
  }
  return found;
}

function tableWarnings({ files, header: { fileTableOffset } }: StoreState): Warning[] {
  const found: string[] = [];
  const self = files.get(FileId.FILE_TABLE);
  const extended = files.get(FileId.EXTENDED_FILE_TABLE);
  if (self === undefined) found.push("the file table has no entry for itself; writing is refused");
  else if (self.block !== fileTableOffset) {
    found.push(
      `the file table lies at block ${fileTableOffset}, its entry says ${self.block}; writing is refused`,
    );
  } else if (self.blocks !== 1) found.push(`the entry of the file table says ${self.blocks} blocks, not 1`);
  if (extended === undefined) found.push("the file table has no entry for the extended file table");
  else if (extended.blocks !== 1) {
    found.push(`the entry of the extended file table says ${extended.blocks} blocks, not 1`);
  }
  return found.map((message) => ({ code: "VMGS_TABLE_ENTRY_MISMATCH", message }));
}

function overlapWarnings({ files }: StoreState): Warning[] {
  return overlaps(files.values()).map(([a, b]) => ({
    code: "VMGS_ALLOCATIONS_OVERLAP",
    message: `${describeFileId(a.fileId)} and ${describeFileId(b.fileId)} share block ${b.block}; writing is refused`,
  }));
}

function attributeWarnings(state: StoreState): Warning[] {
  const found: Warning[] = [];
  for (const { fileId, attributes } of state.files.values()) {
    const inTable = isSealed(attributes);
    if (inTable && !isEncrypted(state)) {
      const message = `${describeFileId(fileId)} is marked as encrypted in a store without encryption`;
      found.push({ code: "VMGS_ENCRYPTED_IN_PLAIN_STORE", message });
    }
    const fileKey = state.unlocked?.fileKeys.get(fileId);
    const own = isStoreTable(fileId);
    if (fileKey === undefined || own || fileKey.attributes === attributes) continue;
    const words = `${fileAttributes.words(attributes)} in the file table, ${fileAttributes.words(fileKey.attributes)} in the extended one`;
    found.push({ code: "VMGS_ATTRIBUTES_DIFFER", message: `${describeFileId(fileId)}: ${words}` });
  }
  return found;
}

function reservedWarnings(state: StoreState): Warning[] {
  const inHeader = problems(header, state.header);
  const inSlots = state.header.metadataKeys.flatMap((slot, i) =>
    problems(metadataKeySlot, slot).map(({ field, message }) => ({
      field: `metadataKeys[${i}].${field}`,
      message,
    })),
  );
  const found = [...inHeader, ...inSlots].map(
    ({ field, message }) => `header ${state.activeSlot}: ${field} ${message}`,
  );
  for (const { fileId, reserved, attributes } of state.files.values()) {
    const unknown = fileAttributes.unknown(attributes);
    if (!isAllZero(reserved)) found.push(`file table entry ${fileId}: reserved bytes are not zero`);
    if (unknown !== 0)
      found.push(`file table entry ${fileId}: attributes have unknown bits ${hexNumber(unknown)}`);
  }
  return found.map((message) => ({ code: "VMGS_RESERVED_NOT_ZERO", message }));
}

function sizeWarnings({ geometry: { blockCapacity } }: StoreState): Warning[] {
  if (blockCapacity >= SMALLEST_USEFUL_BLOCKS) return [];
  const useful = `${SMALLEST_USEFUL_BLOCKS} blocks (${SMALLEST_USEFUL_BLOCKS * BLOCK_SIZE} bytes)`;
  const message = `the store has ${blockCapacity} blocks, so nothing can be written; the smallest useful size is ${useful}`;
  return [{ code: "VMGS_STORE_TOO_SMALL", message }];
}

/**
 * Whether the extended file table is encrypted with a key of zeros, so that every file can be read without a key. Needs no key.
 */
export function* zeroMetadataKeySteps(state: StoreState): Steps<boolean> {
  checkState(state, "state");
  const record = state.files.get(FileId.EXTENDED_FILE_TABLE);
  if (!isEncrypted(state) || record === undefined || record.byteLength !== BLOCK_SIZE) return false;
  if (!isAllZero(record.nonce)) return false;
  const table = yield* unsealExtendedFileTable(record, new Secret(new Uint8Array(KEY_SIZE)));
  table?.fill(0);
  return table !== null;
}
