/** Reading files, without I/O. */

import { checkNumber, checkWhole, optionsOf } from "../arguments/index.ts";
import { isVmgsError, VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  checkMarkerSize,
  checkUserFileId,
  decodeMarker,
  describeFileId,
  FileId,
  type MarkerReading,
} from "../format/index.ts";
import type { Secret } from "../secret/index.ts";
import { readInto, readSealed, type Steps, unseal } from "../steps/index.ts";
import { checkState, type FileRecord, formOf, isEncrypted, type StoreState } from "./state.ts";

/** How a file of a store is read. */
export interface ReadOptions {
  /** Larger files, in bytes, are not read into memory. Default: 1 GiB. */
  readonly maxBytes?: number;
}

const checkReadOptions = optionsOf({
  maxBytes: checkWhole,
});

const DEFAULT_MAX_BYTES = 2 ** 30;

/**
 * The record of a user's file.
 *
 * @throws VmgsError VMGS_INVALID_FILE_ID, VMGS_FILE_NOT_ALLOCATED
 */
function allocatedFile(state: StoreState, fileId: number): FileRecord {
  checkUserFileId(fileId);
  const record = state.files.get(fileId);
  if (record === undefined) {
    throw new VmgsError("VMGS_FILE_NOT_ALLOCATED", `the store has no ${describeFileId(fileId)}`, { fileId });
  }
  return record;
}

/**
 * The content of a file, decrypted where it is encrypted.
 *
 * @throws VmgsError VMGS_NEEDS_UNLOCK, VMGS_AUTHENTICATION_FAILED, VMGS_FILE_TOO_LARGE, and as `allocatedFile`
 */
export function* readFileSteps(
  state: StoreState,
  fileId: number,
  options: ReadOptions = {},
): Steps<Uint8Array> {
  checkState(state, "state");
  checkNumber(fileId, "fileId");
  checkReadOptions(options, "options");
  return yield* contentSteps(state, allocatedFile(state, fileId), options);
}

function* contentSteps(state: StoreState, record: FileRecord, options: ReadOptions): Steps<Uint8Array> {
  const form = formOf(state, record);
  if (form.kind === "locked") throw needsUnlock(state, record.fileId);
  checkReadSize(record, options);
  if (form.kind === "sealed") return yield* readAndUnseal(record, form.key);
  const content = new Uint8Array(record.byteLength);
  if (content.length > 0) yield readInto(record.block * BLOCK_SIZE, content);
  return content;
}

function* readAndUnseal(
  { fileId, block, byteLength, nonce, tag }: FileRecord,
  key: Secret,
): Steps<Uint8Array> {
  const sealed = yield* readSealed(block * BLOCK_SIZE, byteLength, tag);
  const content = yield* unseal(key, nonce, sealed);
  if (content !== null) return content;
  throw new VmgsError(
    "VMGS_AUTHENTICATION_FAILED",
    `${describeFileId(fileId)} does not match its authentication tag`,
    { fileId, block, offset: block * BLOCK_SIZE },
  );
}

function needsUnlock(state: StoreState, fileId: number): VmgsError {
  const why = isEncrypted(state)
    ? "is encrypted and the store is locked"
    : "is marked as encrypted in a store without encryption, so there is no key for it";
  return new VmgsError("VMGS_NEEDS_UNLOCK", `${describeFileId(fileId)} ${why}`, { fileId });
}

/** The stored bytes of a file: ciphertext where it is encrypted. Errors as `allocatedFile`. */
export function* readRawSteps(
  state: StoreState,
  fileId: number,
  options: ReadOptions = {},
): Steps<Uint8Array> {
  checkState(state, "state");
  checkNumber(fileId, "fileId");
  checkReadOptions(options, "options");
  const record = allocatedFile(state, fileId);
  checkReadSize(record, options);
  const stored = new Uint8Array(record.byteLength);
  if (stored.length > 0) yield readInto(record.block * BLOCK_SIZE, stored);
  return stored;
}

function checkReadSize(
  { fileId, byteLength }: FileRecord,
  { maxBytes = DEFAULT_MAX_BYTES }: ReadOptions,
): void {
  if (byteLength <= maxBytes) return;
  throw new VmgsError(
    "VMGS_FILE_TOO_LARGE",
    `${describeFileId(fileId)} has ${byteLength} bytes, at most ${maxBytes} are read into memory`,
    { fileId, bytes: byteLength, limit: maxBytes },
  );
}

/** A marker, and where it was found. */
export interface MarkerLocation {
  readonly marker: MarkerReading;
  /** 18; or 17, where a development build put it. */
  readonly fileId: number;
  readonly misplaced: boolean;
  /** The exact bytes. */
  readonly bytes: Uint8Array;
}

/** Bytes above which file 17 is the TPM backup that belongs there, and is not looked into. */
const MAX_MISPLACED_MARKER = 4096;

/**
 * The provisioning marker, or null when there is none.
 *
 * @throws VmgsError VMGS_MARKER_TOO_LARGE, VMGS_MARKER_MALFORMED, and as `readFileSteps`
 */
export function* readMarkerSteps(state: StoreState): Steps<MarkerLocation | null> {
  checkState(state, "state");
  const record = state.files.get(FileId.PROVISIONING_MARKER);
  if (record === undefined) return yield* readMisplacedMarker(state);
  checkMarkerSize(record.byteLength);
  const bytes = yield* contentSteps(state, record, {});
  return { marker: decodeMarker(bytes), fileId: record.fileId, misplaced: false, bytes };
}

function* readMisplacedMarker(state: StoreState): Steps<MarkerLocation | null> {
  const record = state.files.get(FileId.TPM_NVRAM_BACKUP);
  if (record === undefined || record.byteLength > MAX_MISPLACED_MARKER) return null;
  if (formOf(state, record).kind === "locked") return null;
  const bytes = yield* contentSteps(state, record, {});
  try {
    const marker = decodeMarker(bytes);
    return marker.provisioner === null ? null : { marker, fileId: record.fileId, misplaced: true, bytes };
  } catch (error) {
    if (isVmgsError(error, "VMGS_MARKER_MALFORMED")) return null;
    throw error;
  }
}
