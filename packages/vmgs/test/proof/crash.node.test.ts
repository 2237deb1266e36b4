/** Power failures, in short; and the proof notices stores that would not survive them. */

import { expect, test } from "vitest";
import type { DiskEvent } from "../recording-disk.ts";
import { proveCrash } from "./crash.ts";
import { proveProvisioning } from "./crash-provisioning.ts";
import { cutsOf, epochsOf, type SectorWrite, torn, withSectors } from "./power-failure.ts";
import { seeded } from "./random.ts";

test("whatever a power failure leaves is the state before or after, completely", async () => {
  const figures = await proveCrash(1, 3000);
  expect(figures.before).toBeGreaterThan(500);
  expect(figures.after).toBeGreaterThan(500);
  expect(figures.tornHeaders).toBeGreaterThan(500);
  expect(figures.allKeys).toBeGreaterThan(20);
  expect(figures.continued).toBeGreaterThan(10);
});

test("whatever a power failure leaves of a disk that is provisioned is a state on the way", async () => {
  const { old, empty, unmarked, secondBoots } = await proveProvisioning(1, 1500);
  for (const count of [old, empty, unmarked, secondBoots]) expect(count).toBeGreaterThan(20);
});

const isHeader = (event: DiskEvent) => event.kind === "write" && event.offset < 8192;

test.each<[string, (events: readonly DiskEvent[]) => readonly DiskEvent[]]>([
  ["that forgets to flush before it commits", (events) => events.filter(({ kind }) => kind !== "flush")],
  [
    "that commits first",
    (events) => [
      ...events.filter(isHeader),
      { kind: "flush" },
      ...events.filter((event) => !isHeader(event)),
    ],
  ],
  [
    "that wipes before it commits",
    (events) => [
      ...events.filter((event) => !isHeader(event)),
      { kind: "flush" },
      ...events.filter(isHeader),
    ],
  ],
  [
    "that loses its last write",
    (events) =>
      events.slice(
        0,
        events.findLastIndex(({ kind }) => kind === "write"),
      ),
  ],
])("a store %s is found out", async (_, spoil) => {
  await expect(proveCrash(1, 6000, spoil)).rejects.toThrow(/power failure leaves|recorded writes/);
});

const sector = (index: number): SectorWrite => ({
  offset: index * 512,
  bytes: new Uint8Array(512).fill(index + 1),
});

test("a few sectors are lost in every way there is, many in order and at random", () => {
  const image = new Uint8Array(64 * 512);
  const whole = (cut: readonly SectorWrite[]) =>
    cut.every(({ bytes }) => bytes.every((byte) => byte === bytes[0]));
  const few = [0, 1, 2, 3].map(sector);
  const cuts = [...cutsOf(few, image, seeded(1))].filter(whole);
  expect(new Set(cuts.map((cut) => cut.map(({ offset }) => offset).join())).size).toBe(15);
  const many = Array.from({ length: 40 }, (_, i) => sector(i));
  const prefixes = [...cutsOf(many, image, seeded(1))].filter((cut) =>
    cut.every(({ offset }, i) => offset === i * 512),
  );
  expect(new Set(prefixes.map((cut) => cut.length)).size).toBe(40);
});

test("a torn sector has bytes of the old and of the new one, or garbage behind the new ones", () => {
  const image = new Uint8Array(512).fill(9);
  const random = seeded(3);
  const kinds = [0, 1, 2].map((kind) => torn(sector(0), image, kind, random, 100).bytes);
  for (const bytes of kinds) expect(new Set(bytes)).toEqual(new Set([1, 9]));
  expect(kinds[0]?.indexOf(9)).toBe(100);
  expect(kinds[1]?.indexOf(1)).toBe(100);
  expect(
    torn(sector(0), image, 3, random, 100)
      .bytes.subarray(0, 100)
      .every((byte) => byte === 1),
  ).toBe(true);
});

test("sectors are taken off again, and what was flushed is apart", () => {
  const image = new Uint8Array(2048);
  withSectors(image, [sector(0), sector(1)], () => expect(image[600]).toBe(2));
  expect(image.every((byte) => byte === 0)).toBe(true);
  const events: DiskEvent[] = [
    { kind: "write", offset: 0, bytes: new Uint8Array(1024) },
    { kind: "flush" },
    { kind: "read", offset: 0, length: 512 },
    { kind: "write", offset: 1024, bytes: new Uint8Array(512) },
  ];
  expect(epochsOf(events, 512).map((epoch) => epoch.map(({ offset }) => offset))).toEqual([[0, 512], [1024]]);
});
