/** The past of stores that were made by random histories, and of golden ones: only what really was is told. */

import { describe, expect, test } from "vitest";
import { goldenImage } from "../../test/golden-data.ts";
import { randomHistory } from "../../test/random-history.ts";
import { filePlace } from "../comparison/index.ts";
import { createMemoryDisk, openDisk, openMemoryDisk } from "../disk/index.ts";
import { blobSource } from "../source/index.ts";
import { formatStore, type StoreState } from "../store/index.ts";
import { type HistoryEntry, readHistory } from "./index.ts";

const placesOf = ({ files }: StoreState) => [...files.values()].map(filePlace);
const placesIn = ({ files }: HistoryEntry) => files.map(({ fate: _, ...place }) => place);

describe.each([false, true])("random histories, encrypted: %s", (encrypted) => {
  test.each(Array.from({ length: 25 }, (_, i) => i + 1))("seed %i", async (seed) => {
    const { disk, generations } = await randomHistory(seed, { encrypted });
    const { entries, openError, strayHeaders, truncated } = await readHistory(disk);
    expect(openError).toBeNull();
    expect(strayHeaders).toEqual([]);
    expect(truncated).toBe(false);
    const [now, before] = generations.slice(-2).reverse();
    const [current, previous] = entries;
    expect(current).toMatchObject({ kind: "current", sequence: now?.header.sequence });
    expect(placesIn(current as HistoryEntry)).toEqual(placesOf(now as StoreState));
    if (before !== undefined) {
      expect(previous).toMatchObject({ kind: "previous", sequence: before.header.sequence });
      expect(placesIn(previous as HistoryEntry)).toEqual(placesOf(before));
    }
    for (const entry of entries.slice(2)) {
      expect(entry.kind).toBe("older");
      const once = generations.filter(({ header }) => header.fileTableOffset === entry.tableBlock);
      expect(once.map(placesOf), entry.label).toContainEqual(placesIn(entry));
    }
  });
});

test("older generations are found in free blocks", async () => {
  const found = await Promise.all(
    Array.from(
      { length: 25 },
      async (_, i) => (await readHistory((await randomHistory(i + 1)).disk)).entries.length,
    ),
  );
  expect(found.filter((count) => count > 2).length).toBeGreaterThan(5);
});

test("tells what came, went, changed and moved, from one generation to the next", async () => {
  const disk = createMemoryDisk(64 * 4096);
  const store = await formatStore(disk);
  await store.write(1, new Uint8Array(100));
  await store.write(3, new Uint8Array(5000));
  const kinds = async () => (await readHistory(disk)).entries[0]?.changes?.map(({ kind }) => kind);
  expect(await kinds()).toEqual(["came"]);
  await store.write(3, new Uint8Array(200));
  expect(await kinds()).toEqual(["changed"]);
  await store.move(3, 17);
  expect(await kinds()).toEqual(["moved"]);
  await store.delete(1);
  expect(await kinds()).toEqual(["went"]);
  await store.commit([{ kind: "markReprovisioned", value: true }]);
  expect(await kinds()).toEqual([]);
});

test("wiped generations leave nothing", async () => {
  const disk = createMemoryDisk(64 * 4096);
  const store = await formatStore(disk);
  await store.write(1, new Uint8Array(100).fill(1));
  await store.delete(1, { wipe: true });
  const { entries } = await readHistory(disk);
  expect(entries.map(({ kind, wiped }) => [kind, wiped])).toEqual([
    ["current", false],
    ["previous", true],
  ]);
  expect(entries[1]?.files).toEqual([]);
  expect(entries[0], "nothing is said to have come").toMatchObject({ changes: null, since: null });
  expect(entries[1]?.evidence.at(-1)).toMatch(/wiped/);
});

test("both headers damaged: what they lead to is found, and said to be lost", async () => {
  const { entries, openError } = await readHistory(
    openMemoryDisk(await goldenImage("corrupt-both-headers-checksum")),
  );
  expect(openError?.code).toBe("VMGS_NO_VALID_HEADER");
  expect(entries.map(({ label, sequence, tableBlock }) => [label, sequence, tableBlock])).toEqual([
    ["lost header 1", 4, 4],
    ["lost header 0", 3, 2],
  ]);
});

test("both headers wiped: the tables are still found", async () => {
  const image = await goldenImage("worked-example");
  image.fill(0, 0, 8192);
  const { entries, openError } = await readHistory(openMemoryDisk(image));
  expect(openError?.code).toBe("VMGS_EMPTY_STORE");
  expect(entries.map(({ kind, tableBlock }) => [kind, tableBlock])).toEqual([
    ["older", 2],
    ["older", 4],
  ]);
});

test("headers of another sector size are told", async () => {
  const image = await goldenImage("worked-example");
  image.copyWithin(4096, 512, 512 + 168);
  const { strayHeaders } = await readHistory(openMemoryDisk(image));
  expect(strayHeaders).toEqual([{ offset: 4096, sequence: 4 }]);
});

test("reads a Blob, as a page does", async () => {
  const image = await goldenImage("fragmented");
  const fromBlob = await readHistory(await openDisk(blobSource(new Blob([image]))));
  expect(fromBlob).toEqual(await readHistory(openMemoryDisk(image)));
  expect(fromBlob.entries.length).toBe(3);
});

test("a disk made to exhaust memory is told to be more than is kept", async () => {
  const source = openMemoryDisk(await goldenImage("worked-example"));
  const disk = createMemoryDisk(1100 * 4096);
  for (let block = 2; block < 1100; block++) {
    source.readSync(4 * 4096, disk.image.subarray(block * 4096, (block + 1) * 4096));
    new DataView(disk.image.buffer).setUint32(block * 4096, block, true);
  }
  const { entries, truncated } = await readHistory(disk);
  expect(truncated).toBe(true);
  expect(entries.length).toBe(1024);
});
