/** Back to the generation before, without I/O: see docs/decisions/0025-undo.md. */

import { isVmgsError, VmgsError } from "../errors/index.ts";
import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  isStoreTable,
  type MetadataKeySlot,
  nextSequence,
  otherSlot,
} from "../format/index.ts";
import type { Secret } from "../secret/index.ts";
import { type Steps, seal } from "../steps/index.ts";
import { shareBlocks } from "./allocator.ts";
import { checkTables } from "./draft.ts";
import { openSteps } from "./open-steps.ts";
import { highestCounter, nextNonce, nonceCounter, type Random, webRandom } from "./random.ts";
import { readFileSteps } from "./read-steps.ts";
import { isSameContent, sameBytes } from "./same-content.ts";
import { contentForm, isEncrypted, isLocked, type StoreState, usedKeySlots } from "./state.ts";
import { commitWrite, freedRuns, joined, stateAfter, type Transaction } from "./transaction.ts";
import { openKeySlot, unlockSteps } from "./unlock-steps.ts";

/**
 * Plans the way back: one header, in the slot of the generation before, with its content and the next sequence number.
 * The generation that is current now is the one before afterwards.
 *
 * @param key opens the generation before, when another key opened the store, or none
 * @throws VmgsError VMGS_NO_PREVIOUS_GENERATION, VMGS_GENERATION_WIPED, VMGS_UNDO_IMPOSSIBLE, VMGS_NEEDS_UNLOCK, and as
 * `unlockSteps`
 */
export function* undoSteps(
  state: StoreState,
  key: Secret | null = state.unlocked?.datastoreKey ?? null,
  random: Random = webRandom,
): Steps<Transaction> {
  let previous = yield* previousSteps(state);
  if (isEncrypted(previous) && key !== null) previous = yield* unlockSteps(previous, key);
  if (previous.unlocked?.metadataKey.isZero()) {
    throw impossible(
      previous,
      "its extended file table is encrypted with a key of zeros, so it can be read without a key",
    );
  }
  yield* checkSealedFiles(state, previous);
  const { files, unlocked } = previous;
  const { checksum: _, ...header } = previous.header;
  const metadataKeys = yield* keySlotsAfter(state, previous, random);
  const { commit, reading } = commitWrite(
    { ...header, sequence: nextSequence(state.header.sequence), metadataKeys, reserved: 0 },
    otherSlot(state.activeSlot),
    state.geometry.sectorSize,
  );
  const next = stateAfter(state, reading, { files, unlocked });
  return { content: [], commit, freed: freedRuns(state, files), placed: [], next };
}

/** The generation before, when all of it that can be judged without a key is whole. */
function* previousSteps(state: StoreState): Steps<StoreState> {
  const previous = yield* openPrevious(state);
  const extended = previous.files.get(FileId.EXTENDED_FILE_TABLE);
  if (extended === undefined && state.files.has(FileId.EXTENDED_FILE_TABLE)) {
    throw impossible(previous, "its file table has no entry for the extended file table");
  }
  for (const record of previous.files.values()) {
    for (const owner of state.files.values()) {
      if (!shareBlocks(owner, record) || isSameContent(owner, record)) continue;
      const block = Math.max(owner.block, record.block);
      const reused = `block ${block} of its ${describeFileId(record.fileId)} now belongs to ${describeFileId(owner.fileId)}`;
      throw impossible(previous, reused, record.fileId, block);
    }
  }
  return previous;
}

function* openPrevious(state: StoreState): Steps<StoreState> {
  try {
    const previous = yield* openSteps(state.geometry, "previous");
    checkTables(previous);
    return previous;
  } catch (cause) {
    const tables = [
      "VMGS_FILE_TABLE_OUT_OF_RANGE",
      "VMGS_CORRUPT_FILE_TABLE",
      "VMGS_OVERLAPPING_FILES",
      "VMGS_INCONSISTENT_FILE_TABLE",
    ] as const;
    if (!isVmgsError(cause, ...tables)) throw cause;
    throw new VmgsError(
      "VMGS_UNDO_IMPOSSIBLE",
      `the previous generation is not whole: ${cause.message}`,
      cause.facts,
      { cause },
    );
  }
}

/** Files of the previous generation that the current one does not hold: tags show whether they were overwritten. */
function* checkSealedFiles(state: StoreState, previous: StoreState): Steps<void> {
  if (previous.unlocked === null) return;
  const current = [...state.files.values()];
  for (const record of previous.files.values()) {
    const { fileId, block } = record;
    if (isStoreTable(fileId) || contentForm(previous, record).kind !== "sealed") continue;
    if (current.some((other) => isSameContent(other, record))) continue;
    try {
      yield* readFileSteps(previous, fileId);
    } catch (error) {
      if (!isVmgsError(error, "VMGS_AUTHENTICATION_FAILED")) throw error;
      throw impossible(previous, error.message, fileId, block);
    }
  }
}

/**
 * The key slots of the generation before. Where they differ from the current ones a later change would count nonces
 * from where it did before: what a slot that counts holds is wrapped anew, with a counter above all that were used.
 */
function* keySlotsAfter(
  state: StoreState,
  previous: StoreState,
  random: Random,
): Steps<readonly MetadataKeySlot[]> {
  const { metadataKeys: now } = state.header;
  const { metadataKeys: before } = previous.header;
  const kept = before.map((slot) => ({ ...slot, reserved: 0 }));
  if (before.every((slot, i) => isSameSlot(slot, now[i] as MetadataKeySlot))) return kept;
  if (!isEncrypted(previous)) {
    if (isLocked(state))
      throw needsUnlock("the store is locked, and the previous generation is not encrypted");
    return kept;
  }
  if (previous.unlocked === null)
    throw needsUnlock("the previous generation has other key slots and is locked");
  const { datastoreKey, keySlot } = previous.unlocked;
  let nonce = highestCounter([now, before].flat().map((slot) => slot.nonce));
  for (const slot of usedKeySlots(previous.header)) {
    const [earlier, later] = [before[slot], now[slot]] as [MetadataKeySlot, MetadataKeySlot];
    const refreshed = nonceCounter(earlier.nonce) < nonceCounter(later.nonce);
    if (slot !== keySlot && !(refreshed && usedKeySlots(state.header).includes(slot))) continue;
    const metadataKey = yield* openKeySlot(previous, slot, datastoreKey);
    if (metadataKey === null) {
      const message = `key slot ${slot} was refreshed since the previous generation; to undo its key is needed`;
      throw new VmgsError("VMGS_WRONG_KEY", message, { slot });
    }
    nonce = nextNonce(nonce, random);
    const { ciphertext, tag } = yield* seal(datastoreKey, nonce, metadataKey.expose());
    kept[slot] = { nonce, reserved: 0, authenticationTag: tag, encryptedMetadataKey: joined(ciphertext) };
  }
  return kept;
}

function isSameSlot(a: MetadataKeySlot, b: MetadataKeySlot): boolean {
  return (["nonce", "authenticationTag", "encryptedMetadataKey"] as const).every((field) =>
    sameBytes(a[field], b[field]),
  );
}

function impossible(
  { header: { sequence } }: StoreState,
  why: string,
  fileId?: number,
  block?: number,
): VmgsError {
  return new VmgsError(
    "VMGS_UNDO_IMPOSSIBLE",
    `the previous generation (sequence ${sequence}) is not whole: ${why}`,
    {
      ...(fileId !== undefined && { fileId }),
      ...(block !== undefined && { block, offset: block * BLOCK_SIZE }),
    },
  );
}

const needsUnlock = (why: string) => new VmgsError("VMGS_NEEDS_UNLOCK", `${why}; to undo the key is needed`);
