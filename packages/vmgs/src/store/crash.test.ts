/**
 * Power failures: whatever of the writes since the last flush reached the disk, the store is as before a change or as
 * after it, and can be changed again. Random histories, seeded; every image on the way is opened and read whole.
 */

import { expect, test } from "vitest";
import { patterned } from "../../test/golden-data.ts";
import { type DiskEvent, recordingDisk } from "../../test/recording-disk.ts";
import { firstDifference, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { crc32, type SectorSize } from "../format/index.ts";
import {
  type Change,
  formatStore,
  isEncrypted,
  openStore,
  openWritableStore,
  type Store,
  type WritableStore,
} from "./index.ts";

const BLOCKS = 40;
const KEYS = [1, 2, 3].map(testKey) as [Uint8Array, Uint8Array, Uint8Array];
/** Random subsets of unflushed sectors that are tried after every write. */
const SUBSETS = 4;

type Random = (below: number) => number;

/** A small generator of whole numbers, the same on every run. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Sector {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

function sectorsOf(event: DiskEvent, sectorSize: SectorSize): Sector[] {
  if (event.kind !== "write") return [];
  const sectors: Sector[] = [];
  for (let at = 0; at < event.bytes.length; at += sectorSize) {
    sectors.push({ offset: event.offset + at, bytes: event.bytes.subarray(at, at + sectorSize) });
  }
  return sectors;
}

/** Images that a power failure may leave behind: what was flushed, and any part of what was not, also a torn sector. */
function* imagesAfterCrash(
  start: Uint8Array,
  events: readonly DiskEvent[],
  sectorSize: SectorSize,
  random: Random,
): Generator<Uint8Array> {
  const flushed = start.slice();
  let pending: Sector[] = [];
  const withSectors = (sectors: readonly Sector[]) => {
    const image = flushed.slice();
    for (const { offset, bytes } of sectors) image.set(bytes, offset);
    return image;
  };
  for (const event of events) {
    if (event.kind === "read") continue;
    if (event.kind === "flush") {
      for (const { offset, bytes } of pending) flushed.set(bytes, offset);
      pending = [];
      continue;
    }
    const written = sectorsOf(event, sectorSize);
    const torn = written.at(-1) as Sector;
    yield withSectors([...pending, { ...torn, bytes: torn.bytes.subarray(0, random(200)) }]);
    pending.push(...written);
    yield withSectors(pending);
    for (let i = 0; i < SUBSETS; i++) yield withSectors(pending.filter(() => random(2) === 0));
  }
}

/** All that a user sees of a store, as one line. */
async function contentOf(store: Store): Promise<string> {
  const parts = [
    `algorithm ${store.state.header.encryptionAlgorithm}`,
    `markers ${store.state.header.markers}`,
  ];
  for (const { id, encrypted } of store.files) {
    const content = await store.readFile(id);
    parts.push(`${id}: ${encrypted ? "sealed" : "plain"} ${content.length} ${crc32(content)}`);
  }
  return parts.join("; ");
}

/** Unlocks a store with whichever key opens it. */
async function unlockAny(store: Store): Promise<void> {
  if (!isEncrypted(store.state)) return;
  for (const key of KEYS) {
    try {
      return await store.unlock(key);
    } catch (error) {
      if (!isVmgsError(error, "VMGS_WRONG_KEY", "VMGS_EXTENDED_FILE_TABLE")) throw error;
    }
  }
  throw new Error("no key opens the store");
}

const diskOver = (image: Uint8Array, sectorSize: SectorSize) =>
  openMemoryDisk(image, { container: "raw", sectorSize });

async function contentOnImage(image: Uint8Array, sectorSize: SectorSize): Promise<string> {
  const store = await openStore(diskOver(image, sectorSize));
  await unlockAny(store);
  return contentOf(store);
}

/** A change chosen at random; many of them are refused, which must leave the disk alone. */
function randomChange(random: Random, encrypted: boolean): (store: WritableStore) => Promise<unknown> {
  const id = () => 1 + random(6);
  const content = () => patterned(random(4) === 0 ? 0 : random(3 * 4096), random(200));
  const options = { wipe: random(4) === 0 };
  const several = (): Change[] => {
    const [a, b, c] = [id(), id(), id()];
    return [
      { kind: "write", fileId: a, content: content(), encrypt: encrypted, overwriteEncrypted: true },
      { kind: "move", fileId: a, to: b, overwrite: true },
      { kind: "write", fileId: c, content: content(), overwriteEncrypted: true },
      { kind: "markReprovisioned", value: random(2) === 0 },
    ];
  };
  const plain: ((store: WritableStore) => Promise<unknown>)[] = [
    (store) => store.write(id(), content(), { ...options, overwriteEncrypted: random(2) === 0 }),
    (store) => store.write(id(), content(), options),
    (store) => store.delete(id(), options),
    (store) => store.move(id(), id(), { ...options, overwrite: random(2) === 0 }),
    (store) => store.commit(several(), options),
    (store) => store.commit([{ kind: "markReprovisioned", value: random(2) === 0 }], options),
  ];
  const key = () => KEYS[random(3)] as Uint8Array;
  const sealed: ((store: WritableStore) => Promise<unknown>)[] = [
    (store) => store.writeEncrypted(id(), content(), options),
    (store) => store.writeEncrypted(id(), content(), options),
    (store) => store.writeEncrypted(id(), content(), options),
    (store) => store.addKey(key()),
    (store) => store.updateKey(key()),
    (store) => store.removeKey(random(2) as 0 | 1),
    (store) => store.decryptAll(options),
  ];
  const kinds = encrypted ? [...plain, ...sealed] : plain;
  return kinds[random(kinds.length)] as (store: WritableStore) => Promise<unknown>;
}

interface History {
  readonly seed: number;
  readonly changes: number;
  readonly encrypted?: boolean;
  readonly sectorSize?: SectorSize;
}

interface Survey {
  images: number;
  before: number;
  after: number;
  refused: number;
}

async function surveyHistory({
  seed,
  changes,
  encrypted = false,
  sectorSize = 512,
}: History): Promise<Survey> {
  const random = seeded(seed);
  const disk = recordingDisk(createMemoryDisk(BLOCKS * 4096, sectorSize));
  const store = await formatStore(disk, encrypted ? { key: KEYS[0] } : {});
  const survey: Survey = { images: 0, before: 0, after: 0, refused: 0 };
  let before = await contentOf(store);
  for (let i = 0; i < changes; i++) {
    const start = disk.image.slice();
    disk.events.length = 0;
    try {
      await randomChange(random, encrypted)(store);
    } catch (error) {
      if (!isVmgsError(error)) throw error;
      expect(disk.events.filter(({ kind }) => kind !== "read")).toEqual([]);
      expect(firstDifference(disk.image, start)).toBeNull();
      survey.refused++;
      continue;
    }
    const events = [...disk.events];
    const after = await contentOf(store);
    expect(await contentOnImage(disk.image, sectorSize), `change ${i} of seed ${seed}`).toBe(after);
    for (const image of imagesAfterCrash(start, events, sectorSize, random)) {
      const found = await contentOnImage(image, sectorSize);
      expect([before, after], `change ${i} of seed ${seed}`).toContain(found);
      survey[found === after ? "after" : "before"]++;
      if (survey.images++ % 8 === 0) await goesOn(image, sectorSize);
    }
    before = after;
  }
  return survey;
}

/** The store on the image takes another change. */
async function goesOn(image: Uint8Array, sectorSize: SectorSize): Promise<void> {
  const disk = diskOver(image, sectorSize);
  const store = await openWritableStore(disk);
  await unlockAny(store);
  await store.write(40, patterned(100, 7));
  const reopened = await openStore(disk);
  expect(await reopened.readFile(40)).toEqual(patterned(100, 7));
}

test.each<[string, History]>([
  ["plain files", { seed: 1, changes: 120 }],
  ["plain files on 4096-byte sectors", { seed: 2, changes: 80, sectorSize: 4096 }],
  ["encrypted files and changing keys", { seed: 3, changes: 60, encrypted: true }],
])("a history of %s survives a power failure at any point", async (_, history) => {
  const { images, before, after, refused } = await surveyHistory(history);
  expect(images).toBeGreaterThan(500);
  expect(before).toBeGreaterThan(100);
  expect(after).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(5);
});

test("a power failure while a used disk is formatted leaves an old store, an empty disk, or the new store", async () => {
  for (const sectorSize of [512, 4096] as const) {
    const random = seeded(9);
    const disk = recordingDisk(createMemoryDisk(BLOCKS * 4096, sectorSize));
    const store = await formatStore(disk);
    const old = [await contentOf(store)];
    for (const length of [5000, 9000, 100]) {
      await store.write(18, patterned(length, length));
      old.push(await contentOf(store));
    }
    const start = disk.image.slice();
    disk.events.length = 0;
    const fresh = await contentOf(await formatStore(disk));
    const found = new Set<string>();
    for (const image of imagesAfterCrash(start, disk.events, sectorSize, random)) {
      try {
        found.add(await contentOnImage(image, sectorSize));
      } catch (error) {
        // A sector that is torn while the old headers are cleared is neither blank nor valid.
        if (!isVmgsError(error, "VMGS_EMPTY_STORE", "VMGS_NO_VALID_HEADER")) throw error;
        found.add("empty");
      }
    }
    // The last two generations of the old store were readable; an older one never comes back.
    expect([...old.slice(-2), "empty", fresh]).toEqual(expect.arrayContaining([...found]));
    expect([...found]).toEqual(expect.arrayContaining(["empty", fresh]));
  }
});
