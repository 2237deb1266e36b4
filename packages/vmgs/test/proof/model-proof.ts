/** The store against a plain map: random operations, compared after each, in the open store and opened anew. */

import { isVmgsError, listFiles, type SyncDisk } from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { runSync } from "../../src/steps/index.ts";
import { readFileSteps } from "../../src/store/rooms.ts";
import type { RecordingDisk } from "../recording-disk.ts";
import { differenceOnDisk, sameBytes } from "./compare.ts";
import {
  beginHistory,
  checkLeftovers,
  checkOutcome,
  cleanSlack,
  diskOver,
  disprove,
  expectedOutcome,
  type History,
  remember,
  soil,
} from "./history.ts";
import { hasEncryption, type Saved, wipes } from "./model.ts";
import { type Operation, randomOperation } from "./operations.ts";
import { perform } from "./perform.ts";
import { type Random, seeded } from "./random.ts";

const HISTORY_LENGTH = 100;

export interface ModelFigures {
  histories: number;
  operations: number;
  refused: number;
  /** Refused because the store is full. */
  full: number;
  /** Operations on a store that is locked. */
  locked: number;
  /** Times the generation before was read, and was as it had been. */
  previous: number;
  /** Times the store went back to the generation before. */
  undone: number;
  /** Times everything was wiped, and all of the disk searched for what was left. */
  wiped: number;
}

/**
 * Runs random histories until that many operations were compared.
 *
 * @param spoil does something to the disk of each history: for tests of the proof itself, which must notice it
 */
export async function proveModel(
  seed: number,
  operations: number,
  spoil?: (disk: RecordingDisk) => void,
): Promise<ModelFigures> {
  const figures = {
    histories: 0,
    operations: 0,
    refused: 0,
    full: 0,
    locked: 0,
    previous: 0,
    undone: 0,
    wiped: 0,
  };
  while (figures.operations < operations) {
    const historySeed = seed + figures.histories++;
    const random = seeded(historySeed);
    const history = await beginHistory(historySeed, random);
    spoil?.(history.disk);
    const end = Math.min(figures.operations + HISTORY_LENGTH, operations);
    while (figures.operations < end) {
      figures.operations++;
      await compareOperation(history, randomOperation(random, history.profile), random, figures);
    }
  }
  return figures;
}

async function compareOperation(
  history: History,
  asked: Operation,
  random: Random,
  figures: ModelFigures,
): Promise<void> {
  const operation = soil(history, asked, random);
  remember(history, operation);
  const { disk, session } = history;
  if (hasEncryption(session.saved) && session.keySlot === null) figures.locked++;
  const start = disk.image.slice();
  const expected = expectedOutcome(history, operation);
  const { store, code } = await perform(history.store, disk, operation);
  history.store = store;
  const reader = diskOver(disk.image, history);
  const done = checkOutcome(history, expected, code);
  if (done !== null) {
    history.session = done.session;
    const before = done.states.at(-2) ?? session.saved;
    checkLeftovers(history, operation, disk.image);
    if (operation.kind === "undo") figures.undone++;
    if (wipes(operation)) figures.wiped++;
    else if (done.states.length > 0) {
      figures.previous++;
      checkPrevious(history, reader, before);
    }
  } else {
    figures.refused++;
    if (code === "VMGS_INSUFFICIENT_SPACE") figures.full++;
    if (!sameBytes(start, disk.image)) disprove(history, "refused, and yet the disk was changed");
    if (operation.kind === "wipe") cleanSlack(history);
  }
  checkOpenStore(history, reader);
  const allKeys = random.oneIn(4);
  const difference = differenceOnDisk(reader, history.session.saved, { allKeys });
  if (difference !== null) disprove(history, `opened anew: ${difference}`);
}

/** The generation before is complete until the next transaction (spec: changing). */
function checkPrevious(history: History, disk: SyncDisk, before: Saved): void {
  const difference = differenceOnDisk(disk, before, { generation: "previous" });
  if (difference !== null) disprove(history, `the previous generation: ${difference}`);
}

/** The store that is still open shows what the model says; while it is locked, encrypted files need the key. */
function checkOpenStore(history: History, disk: SyncDisk): void {
  const { store, session } = history;
  const { files } = session.saved;
  const listed = listFiles(store.state);
  if (listed.map(({ id }) => id).join() !== [...files.keys()].sort((a, b) => a - b).join()) {
    disprove(history, `the open store has files ${listed.map(({ id }) => id)}`);
  }
  for (const { id } of listed) {
    const expected = files.get(id);
    const locked = expected?.sealed && session.keySlot === null;
    try {
      const content = runSync(readFileSteps(store.state, id), disk, nodeCipher);
      if (locked) disprove(history, `file ${id} is read without a key`);
      if (expected === undefined || !sameBytes(content, expected.content)) {
        disprove(history, `file ${id} of the open store has other content`);
      }
    } catch (error) {
      if (!locked || !isVmgsError(error, "VMGS_NEEDS_UNLOCK")) throw error;
    }
  }
}
