/**
 * I/O errors at every call that an operation makes to a disk. Afterwards the disk holds the state before or a state
 * after, completely; the error is this library's; and a store whose commit failed refuses changes until it is opened
 * again.
 */

import {
  createMemoryDisk,
  isVmgsError,
  resumeStore,
  saveStore,
  VmgsError,
  type WritableStore,
} from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { type DiskEvent, type RecordingDisk, recordingDisk } from "../recording-disk.ts";
import { differenceOnDisk, sameBytes } from "./compare.ts";
import {
  beginHistory,
  checkOutcome,
  cleanSlack,
  diskOver,
  disprove,
  expectedOutcome,
  type History,
  remember,
  soil,
} from "./history.ts";
import type { Saved } from "./model.ts";
import { type Operation, randomOperation } from "./operations.ts";
import { act, openAgain, perform } from "./perform.ts";
import { type Random, seeded } from "./random.ts";

export interface DiskFaultFigures {
  operations: number;
  /** Faults that struck. */
  faults: number;
  reads: number;
  writes: number;
  flushes: number;
  before: number;
  after: number;
  /** Times the store was uncertain after its commit failed. */
  uncertain: number;
  /** Times wiping stopped after the change was done. */
  wipesStopped: number;
  /** Times an operation was simply done again on the same open store, and then succeeded. */
  retried: number;
}

const HISTORY_LENGTH = 25;

/** Lets I/O fail in random histories, until that many faults struck. */
export async function proveDiskFaults(seed: number, faults: number): Promise<DiskFaultFigures> {
  const figures: DiskFaultFigures = {
    operations: 0,
    faults: 0,
    reads: 0,
    writes: 0,
    flushes: 0,
    before: 0,
    after: 0,
    uncertain: 0,
    wipesStopped: 0,
    retried: 0,
  };
  for (let historySeed = seed; figures.faults < faults; historySeed++) {
    const random = seeded(historySeed);
    const history = await beginHistory(historySeed, random);
    for (let i = 0; i < HISTORY_LENGTH && figures.faults < faults; i++) {
      await failOperation(history, randomOperation(random, history.profile), random, figures);
    }
  }
  return figures;
}

async function failOperation(
  history: History,
  asked: Operation,
  random: Random,
  figures: DiskFaultFigures,
): Promise<void> {
  const operation = soil(history, asked, random);
  remember(history, operation);
  const { session, disk } = history;
  const start = disk.image.slice();
  const open = saveStore(history.store);
  disk.events.length = 0;
  const expected = expectedOutcome(history, operation);
  const { store, code } = await perform(history.store, disk, operation);
  history.store = store;
  const calls = [...disk.events];
  const after = checkOutcome(history, expected, code);
  const states = [session.saved, ...(after?.states ?? [])];
  figures.operations++;
  for (const [at, call] of calls.entries()) {
    for (const fault of faultsOf(call)) {
      const trial: Trial = {
        history,
        operation,
        start,
        open,
        at,
        call,
        fault,
        states,
        code,
        random,
        figures,
      };
      await tryFault(trial);
    }
  }
  if (after !== null) history.session = after.session;
  else if (operation.kind === "wipe") cleanSlack(history);
}

/** How a call fails: at once; after a part was written; once, or from then on; and what a failed flush loses. */
interface Fault {
  readonly written: "nothing" | "part" | "all";
  readonly lasting: boolean;
  readonly code: "VMGS_IO" | "VMGS_DISK_FULL";
}

function faultsOf({ kind }: DiskEvent): Fault[] {
  if (kind === "read") return [{ written: "nothing", lasting: false, code: "VMGS_IO" }];
  return [
    { written: "nothing", lasting: false, code: "VMGS_IO" },
    { written: "part", lasting: true, code: "VMGS_DISK_FULL" },
    { written: "all", lasting: false, code: "VMGS_IO" },
  ];
}

interface Trial {
  readonly history: History;
  readonly operation: Operation;
  readonly start: Uint8Array;
  /** The store that is open, as saved state. */
  readonly open: Uint8Array;
  /** The call that fails. */
  readonly at: number;
  readonly call: DiskEvent;
  readonly fault: Fault;
  /** What may be on the disk. */
  readonly states: readonly Saved[];
  /** How the operation ends without faults. */
  readonly code: string | null;
  readonly random: Random;
  readonly figures: DiskFaultFigures;
}

async function tryFault(trial: Trial): Promise<void> {
  const { history, operation, open, figures, fault, call } = trial;
  const disk = copyOf(history, trial.start);
  const store = await resumeStore(disk, open, { cipher: nodeCipher, verify: false });
  const faults = strike(disk, trial);
  const error = await errorOf(() => act(store, disk, operation));
  const where = `${fault.code} at ${call.kind} ${trial.at}, ${fault.written} written`;
  if (!faults.struck()) disprove(history, `${where}: the operation does not get there again`);
  if (error === null) disprove(history, `${where}: goes unnoticed`);
  if (!isVmgsError(error)) throw error;
  figures.faults++;
  figures[`${call.kind === "flush" ? "flushe" : call.kind}s`]++;
  faults.end();
  const found = trial.states.findIndex((saved) => {
    return (
      differenceOnDisk(diskOver(disk.image, history), saved, { tornHeader: true, allKeys: true }) === null
    );
  });
  if (found === -1) {
    const last = differenceOnDisk(diskOver(disk.image, history), trial.states[0] as Saved, {
      tornHeader: true,
    });
    disprove(history, `${where} leaves neither before nor after: ${last}`);
  }
  figures[found === 0 ? "before" : "after"]++;
  if (error.code === "VMGS_WIPE_INCOMPLETE") await checkCommitted(trial, error, disk, where);
  if (error.code === "VMGS_STORE_UNCERTAIN") await checkUncertain(trial, store, disk, where);
  else if (found === 0 && trial.states.length <= 2) await checkRetry(trial, store, disk, where);
}

function copyOf({ sectorSize }: History, image: Uint8Array): RecordingDisk {
  const disk = createMemoryDisk(image.length, sectorSize);
  disk.image.set(image);
  return recordingDisk(disk);
}

/** Lets one call fail, or all from it on. */
function strike(
  disk: RecordingDisk,
  { at, fault, random }: Trial,
): { struck: () => boolean; end: () => void } {
  let struck = false;
  disk.events.length = 0;
  const unflushed: { offset: number; old: Uint8Array }[] = [];
  disk.before = (event) => {
    const due = fault.lasting ? disk.events.length >= at : disk.events.length === at && !struck;
    if (event.kind === "write") {
      unflushed.push({
        offset: event.offset,
        old: disk.image.slice(event.offset, event.offset + event.bytes.length),
      });
    }
    if (!due) {
      if (event.kind === "flush") unflushed.length = 0;
      return;
    }
    struck = true;
    if (event.kind === "write") writePart(disk, event, fault, random);
    // A flush that fails loses any of the writes before it.
    if (event.kind === "flush" && fault.written !== "all") {
      for (const { offset, old } of unflushed.reverse()) {
        if (fault.written === "nothing" || random.oneIn(2)) disk.image.set(old, offset);
      }
    }
    throw new VmgsError(fault.code, "a fault was injected");
  };
  return {
    struck: () => struck,
    end: () => {
      disk.before = () => undefined;
    },
  };
}

function writePart(
  disk: RecordingDisk,
  event: DiskEvent & { kind: "write" },
  fault: Fault,
  random: Random,
): void {
  const { bytes, offset } = event;
  if (fault.written === "nothing") return;
  const length = fault.written === "all" ? bytes.length : random.below(bytes.length);
  disk.image.set(bytes.subarray(0, length), offset);
}

async function errorOf(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
    return null;
  } catch (error) {
    return error;
  }
}

/** Every change is refused until the store is opened again; then it can be changed. */
async function checkUncertain(
  trial: Trial,
  store: WritableStore,
  disk: RecordingDisk,
  where: string,
): Promise<void> {
  const { history, figures } = trial;
  figures.uncertain++;
  const image = disk.image.slice();
  const refusal = await errorOf(() => store.write(50, new Uint8Array(1)));
  if (!isVmgsError(refusal, "VMGS_STORE_UNCERTAIN"))
    disprove(history, `${where}: an uncertain store is written`);
  if (!sameBytes(image, disk.image)) disprove(history, `${where}: a refused change wrote`);
  const again = await openAgain(disk, null);
  const set = { kind: "markReprovisioned", value: true } as const;
  await again.commit([set]);
}

/** What stopped while wiping is done: the last state is on the disk, under the sequence that the error names. */
async function checkCommitted(
  { history, states, figures }: Trial,
  { facts }: VmgsError,
  disk: RecordingDisk,
  where: string,
): Promise<void> {
  figures.wipesStopped++;
  const difference = differenceOnDisk(diskOver(disk.image, history), states.at(-1) as Saved);
  if (difference !== null) disprove(history, `${where}: said to be done, but: ${difference}`);
  const { sequence } = (await openAgain(disk, null)).state.header;
  if (facts.sequence !== sequence) disprove(history, `${where}: sequence ${facts.sequence} is ${sequence}`);
}

/** The store is as before, and goes on as if nothing had been. */
async function checkRetry(
  trial: Trial,
  store: WritableStore,
  disk: RecordingDisk,
  where: string,
): Promise<void> {
  const { history, operation, code, states, figures } = trial;
  const retried = await perform(store, disk, operation);
  if (retried.code !== code)
    disprove(history, `${where}: done again, it ends with ${retried.code ?? "success"}`);
  const last = states.at(-1) as Saved;
  const difference = differenceOnDisk(diskOver(disk.image, history), last, { tornHeader: true });
  if (difference !== null) disprove(history, `${where}: done again, it leaves: ${difference}`);
  figures.retried++;
}
