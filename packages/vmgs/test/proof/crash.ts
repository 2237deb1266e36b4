/**
 * Power failures in random histories. Every image that is left behind is opened, unlocked and read whole, and holds
 * exactly what the model says: the state before until the header that commits is on the disk, the state after from then
 * on. A torn header counts as not written, is told as a warning, and must be noticed by its checksum alone.
 */

import { createMemoryDisk, type SyncDisk } from "../../src/index.ts";
import { type DiskEvent, recordingDisk } from "../recording-disk.ts";
import { differenceOnDisk, sameBytes } from "./compare.ts";
import { findingOfDoctor } from "./doctor.ts";
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
import { hasEncryption, type Saved, slotOf } from "./model.ts";
import { KEY_NUMBERS, randomOperation } from "./operations.ts";
import { openAgain, perform } from "./perform.ts";
import {
  applySectors,
  cutsOf,
  type Epoch,
  epochsOf,
  type SectorWrite,
  torn,
  withSectors,
} from "./power-failure.ts";
import { type Random, seeded } from "./random.ts";

export interface CrashFigures {
  histories: number;
  /** Operations that wrote something. */
  operations: number;
  /** Images that were opened and read whole. */
  images: number;
  before: number;
  after: number;
  /** Images with a torn header. */
  tornHeaders: number;
  /** Images in which all keys were tried. */
  allKeys: number;
  /** Times a history went on from what a power failure left, after the doctor had looked at it. */
  continued: number;
}

const HISTORY_LENGTH = 40;
const HEADER_SIZE = 168;

/** Changes what the disk is said to have recorded: for tests of the proof itself, which must notice it. */
export type Spoil = (events: readonly DiskEvent[]) => readonly DiskEvent[];

/** Cuts the power in random histories until that many images were read. */
export async function proveCrash(seed: number, images: number, spoil?: Spoil): Promise<CrashFigures> {
  const figures: CrashFigures = {
    histories: 0,
    operations: 0,
    images: 0,
    before: 0,
    after: 0,
    tornHeaders: 0,
    allKeys: 0,
    continued: 0,
  };
  while (figures.images < images) {
    const historySeed = seed + figures.histories++;
    const random = seeded(historySeed);
    const history = await beginHistory(historySeed, random);
    const proof: Proof = { history, random, figures, spoil, torn: false };
    for (let i = 0; i < HISTORY_LENGTH && figures.images < images; i++) await surveyOperation(proof);
  }
  return figures;
}

/** A history whose power is cut. */
interface Proof {
  readonly history: History;
  readonly random: Random;
  readonly figures: CrashFigures;
  readonly spoil: Spoil | undefined;
  /** An earlier failure tore the header that the next transaction writes. */
  torn: boolean;
}

/** An image to go on from. */
interface Left {
  readonly image: Uint8Array;
  readonly saved: Saved;
  /** One of its headers is torn. */
  readonly torn: boolean;
}

async function surveyOperation(proof: Proof): Promise<void> {
  const { history, random, figures, spoil = (events) => events } = proof;
  const operation = soil(history, randomOperation(random, history.profile), random);
  remember(history, operation);
  const { disk, session } = history;
  const start = disk.image.slice();
  disk.events.length = 0;
  const expected = expectedOutcome(history, operation);
  const { store, code } = await perform(history.store, disk, operation);
  history.store = store;
  const epochs = epochsOf(spoil(disk.events), history.sectorSize);
  const done = checkOutcome(history, expected, code);
  if (done === null && epochs.length > 0) disprove(history, "refused, and yet the disk was written");
  if (done === null) {
    if (operation.kind === "wipe") cleanSlack(history);
    return;
  }
  history.session = done.session;
  if (epochs.length === 0) return;
  figures.operations++;
  const survey = new Survey(proof, start, [session.saved, ...done.states]);
  for (const epoch of epochs) survey.cut(epoch);
  if (!sameBytes(start, disk.image)) disprove(history, "the recorded writes are not what is on the disk");
  proof.torn = survey.torn;
  if (survey.left !== null) await goOnFrom(proof, survey.left);
}

/** One operation's images. */
class Survey {
  readonly #proof: Proof;
  readonly #image: Uint8Array;
  readonly #states: readonly Saved[];
  readonly #disk: SyncDisk;
  /** Transactions that are on the disk. */
  #committed = 0;
  #torn: boolean;
  /** An image to go on from, now and then. */
  left: Left | null = null;

  constructor(proof: Proof, image: Uint8Array, states: readonly Saved[]) {
    this.#proof = proof;
    this.#image = image;
    this.#states = states;
    this.#disk = diskOver(image, proof.history);
    this.#torn = proof.torn;
  }

  /** Whether a torn header is still there: wiping writes none. */
  get torn(): boolean {
    return this.#torn;
  }

  /** Cuts the power in an epoch, in many ways; then all of it is on the disk. */
  cut(epoch: Epoch): void {
    const { random } = this.#proof;
    const header = epoch.find((sector) => this.#commits(sector));
    for (const sectors of cutsOf(epoch, this.#image, random)) this.#look(sectors, header);
    if (header !== undefined && epoch.length === 1) {
      for (let at = 8; at < HEADER_SIZE; at += 8) {
        this.#look([torn(header, this.#image, 0, random, at)], header);
        this.#look([torn(header, this.#image, 1, random, at)], header);
      }
    }
    applySectors(this.#image, epoch);
    if (header === undefined) return;
    this.#committed++;
    this.#torn = false;
  }

  /** A header that commits; not what is written over a torn one. */
  #commits({ offset, bytes }: SectorWrite): boolean {
    return offset < 2 * this.#proof.history.sectorSize && bytes[0] !== 0xff;
  }

  /** What a cut leaves of the header that commits. */
  #headerIn(sectors: readonly SectorWrite[], header: SectorWrite | undefined): "old" | "torn" | "new" {
    const found = sectors.find(({ offset }) => offset === header?.offset)?.bytes.subarray(0, HEADER_SIZE);
    if (header === undefined || found === undefined) return "old";
    if (sameBytes(found, header.bytes.subarray(0, HEADER_SIZE))) return "new";
    const old = this.#image.subarray(header.offset, header.offset + HEADER_SIZE);
    return sameBytes(found, old) ? "old" : "torn";
  }

  #look(sectors: readonly SectorWrite[], header: SectorWrite | undefined): void {
    const { history, random, figures } = this.#proof;
    const headerNow = this.#headerIn(sectors, header);
    const index = this.#committed + (headerNow === "new" ? 1 : 0);
    const saved = this.#states[index];
    if (saved === undefined) disprove(history, "more headers are written than there are transactions");
    const tornHeader = headerNow === "torn" || (headerNow === "old" && this.#torn);
    const allKeys = hasEncryption(saved) && random.oneIn(8);
    figures.images++;
    figures[index === 0 ? "before" : "after"]++;
    if (headerNow === "torn") figures.tornHeaders++;
    if (allKeys) figures.allKeys++;
    withSectors(this.#image, sectors, () => {
      const difference = differenceOnDisk(this.#disk, saved, { tornHeader, allKeys });
      if (difference !== null) disprove(history, `a power failure leaves: ${difference}`);
      if (random.oneIn(100)) this.left = { image: this.#image.slice(), saved, torn: tornHeader };
    });
  }
}

/** The machine starts again, on what the failure left; the history goes on there. */
async function goOnFrom(proof: Proof, { image, saved, torn: tornHeader }: Left): Promise<void> {
  const { history, random, figures } = proof;
  figures.continued++;
  const finding = await findingOfDoctor(image, history.sectorSize, saved, tornHeader);
  if (finding !== null) disprove(history, `the doctor finds ${finding}`);
  const disk = createMemoryDisk(image.length, history.sectorSize);
  disk.image.set(image);
  history.disk = recordingDisk(disk);
  const opening = KEY_NUMBERS.filter((key) => typeof slotOf(saved, key) === "number");
  const key = opening.length === 0 || random.oneIn(4) ? null : random.pick(opening);
  history.store = await openAgain(history.disk, key);
  const slot = key === null ? null : slotOf(saved, key);
  history.session = { saved, keySlot: slot === "stale" ? null : slot, before: "unknown" };
  history.past.push("power failure, opened again");
  proof.torn = tornHeader;
}
