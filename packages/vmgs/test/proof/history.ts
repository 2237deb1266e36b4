/** A store and its model, side by side, through a random history. */

import {
  createMemoryDisk,
  type ErrorCode,
  formatStore,
  type MemoryDisk,
  type SectorSize,
  type WritableStore,
} from "../../src/index.ts";
import { nodeCipher } from "../../src/node/index.ts";
import { type RecordingDisk, recordingDisk } from "../recording-disk.ts";
import { findsRoom, leftoverAt } from "./free-space.ts";
import { blank, type Expectation, expectationOf, type Session, wipes } from "./model.ts";
import {
  KEY_NUMBERS,
  keyBytes,
  type Operation,
  operationText,
  type Profile,
  profiles,
} from "./operations.ts";
import type { Random } from "./random.ts";

/** A proof that failed: what was found, and how to see it again. */
export class Disproof extends Error {
  override readonly name = "Disproof";
}

/** A store in a random history. */
export interface History {
  readonly seed: number;
  readonly profile: Profile;
  readonly sectorSize: SectorSize;
  readonly blocks: number;
  /** Operations so far, as text. */
  readonly past: string[];
  disk: RecordingDisk;
  store: WritableStore;
  session: Session;
}

const SIZES = [6, 7, 8, 10, 14, 20, 40, 80];

/** A freshly formatted store, of any size and kind. */
export async function beginHistory(seed: number, random: Random): Promise<History> {
  const profile = random.pick(profiles);
  const sectorSize = random.pick([512, 512, 4096] as const);
  const blocks = profile.fileIds === 62 ? 80 : random.pick(SIZES);
  const disk = recordingDisk(createMemoryDisk(blocks * 4096, sectorSize));
  // What lay on the disk before must not show either.
  if (random.oneIn(2)) disk.image.set(random.bytes((blocks - 2) * 4096), 8192);
  const key = profile.weights[1] > 2 && random.oneIn(2) ? random.pick(KEY_NUMBERS) : null;
  const store = await formatStore(disk, {
    cipher: nodeCipher,
    allowTiny: true,
    ...(key !== null && { key: keyBytes(key) }),
  });
  const session: Session =
    key === null
      ? { saved: blank, keySlot: null, before: "none" }
      : {
          saved: { ...blank, keys: [{ key, fresh: true, counter: 0 }, null] },
          keySlot: 0,
          before: { saved: blank, sameKeys: false, sameTables: false },
        };
  const past = [
    `format ${blocks} blocks of ${sectorSize}-byte sectors${key === null ? "" : ` with key ${key}`}`,
  ];
  return { seed, profile, sectorSize, blocks, past, disk, store, session };
}

/** The disk as a reader sees it. */
export function diskOver(
  image: Uint8Array,
  { disk }: Pick<History, "disk">,
): Pick<MemoryDisk, "readSync"> & typeof disk {
  return {
    ...disk,
    readSync(offset, into) {
      into.set(image.subarray(offset, offset + into.length));
    },
  };
}

/**
 * What another writer leaves behind the ends of files before they are wiped: the operation then knows which files have
 * such bytes in their last sector.
 */
export function soil(
  { store, disk, sectorSize, session }: History,
  operation: Operation,
  random: Random,
): Operation {
  // What a power failure left of the generation before is not known, so nothing is expected of it.
  if (operation.kind === "undo" && session.before === "unknown") return { kind: "resume" };
  if (operation.kind !== "wipe" || !operation.soiled) return operation;
  const relocated: number[] = [];
  for (const { fileId, block, blocks, byteLength } of store.state.files.values()) {
    const [start, end] = [block * 4096 + byteLength, (block + blocks) * 4096];
    if (start === end || random.oneIn(2)) continue;
    const inSector = byteLength % sectorSize !== 0 && random.oneIn(2);
    const from = inSector ? start : Math.ceil(start / sectorSize) * sectorSize;
    disk.image.fill(0x77, from, end);
    if (inSector) relocated.push(fileId);
  }
  return { ...operation, relocated };
}

/** Takes off again what `soil` left, when the store was not wiped for want of space. */
export function cleanSlack({ store, disk }: History): void {
  for (const { block, blocks, byteLength } of store.state.files.values()) {
    disk.image.fill(0, block * 4096 + byteLength, (block + blocks) * 4096);
  }
}

/** Nothing old lies behind the ends of files, ever, encrypted or not; and in free blocks neither after wiping. */
export function checkLeftovers(history: History, operation: Operation, image: Uint8Array): void {
  const free = wipes(operation);
  const at = leftoverAt(image, history.store.state.files.values(), { free });
  if (at !== null) disprove(history, `old content is left at ${at}`);
}

/** What an operation of a history must do. */
export interface Expected {
  readonly expectation: Expectation;
  /** Whether the store may refuse for want of space all the same: moves leave it some choice where to put files. */
  readonly mayLackSpace: boolean;
}

/** What the model says of an operation, and whether there is space for it. */
export function expectedOutcome({ session, store, blocks }: History, operation: Operation): Expected {
  const expectation = expectationOf(session, operation);
  if (expectation.kind === "refused") return { expectation, mayLackSpace: false };
  const lengths = expectation.writes.find((list) => list.length > 0) ?? [];
  const fits = lengths.length === 0 || findsRoom(store.state.files.values(), blocks, lengths);
  const moves = operation.kind === "commit" && operation.changes.some(({ kind }) => kind === "move");
  if (fits || moves) return { expectation, mayLackSpace: moves };
  return { expectation: { kind: "refused", code: "VMGS_INSUFFICIENT_SPACE" }, mayLackSpace: false };
}

/** Fails the proof. */
export function disprove(history: Pick<History, "seed" | "past">, what: string): never {
  const past = history.past
    .slice(-12)
    .map((text, i, { length }) => `  ${i === length - 1 ? ">" : " "} ${text}`);
  throw new Disproof(`seed ${history.seed}: ${what}\n${past.join("\n")}`);
}

/** What a model expects of an operation that is done. */
export type Done = Expectation & { readonly kind: "done" };

/** Compares how an operation ended with what was expected; null when it was refused, and rightly so. */
export function checkOutcome(history: History, expected: Expected, code: ErrorCode | null): Done | null {
  const { expectation, mayLackSpace } = expected;
  if (code === "VMGS_INSUFFICIENT_SPACE" && mayLackSpace) return null;
  const wanted = expectation.kind === "done" ? null : expectation.code;
  if (code !== wanted) disprove(history, `${code ?? "done"} instead of ${wanted ?? "done"}`);
  return expectation.kind === "done" ? expectation : null;
}

/** Notes an operation, for people. */
export function remember(history: History, operation: Operation): void {
  history.past.push(operationText(operation));
}
