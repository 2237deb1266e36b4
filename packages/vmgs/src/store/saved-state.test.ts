/** Saving a store and going on from there, without reading the disk. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { recordingDisk } from "../../test/recording-disk.ts";
import { firstDifference, freshStore, headersOf, placesOf, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { toHex } from "../layout/index.ts";
import {
  formatStore,
  openStore,
  openWritableStore,
  resumeStore,
  type StoreState,
  saveStore,
  storeWarnings,
} from "./index.ts";

const key = testKey(1);
const content = (fill: number) => patterned(5000, fill);

/** Everything in a state, secrets included, in a form that can be compared. */
function stateText({ geometry, headers, activeSlot, generation, files, unlocked }: StoreState): string {
  const header = (i: 0 | 1) => {
    const { slot, blank, problem, header: h } = headers[i];
    return { slot, blank, problem, version: h.version, sequence: h.sequence, checksum: h.checksum };
  };
  // Files without a key may be left away.
  const keys = [...(unlocked?.fileKeys ?? [])]
    .filter(([, { attributes, key: fileKey }]) => attributes !== 0 || !fileKey.isZero())
    .map(([id, { attributes, key: fileKey }]) => [id, attributes, toHex(fileKey.expose())]);
  return JSON.stringify({
    geometry,
    headers: [header(0), header(1)],
    activeSlot,
    generation,
    files: [...files.values()].map((file) => ({
      ...file,
      nonce: toHex(file.nonce),
      tag: toHex(file.tag),
      reserved: toHex(file.reserved),
    })),
    unlocked: unlocked && {
      keySlot: unlocked.keySlot,
      keys,
      datastoreKey: toHex(unlocked.datastoreKey.expose()),
      metadataKey: toHex(unlocked.metadataKey.expose()),
    },
  });
}

describe("a saved store", () => {
  test.each<[string, { key?: Uint8Array; sectorSize?: 512 | 4096 }]>([
    ["without encryption", {}],
    ["with 4096-byte sectors", { sectorSize: 4096 }],
    ["that is unlocked", { key }],
  ])("%s is resumed as it was, and goes on", async (_, options) => {
    const { disk, store } = await freshStore(options);
    await store.write(1, content(1));
    await store.writeEncrypted(3, content(3));
    await store.commit([{ kind: "markReprovisioned", value: true }]);
    const resumed = await resumeStore(disk, saveStore(store));
    expect(stateText(resumed.state)).toBe(stateText(store.state));
    expect(await resumed.readFile(1)).toEqual(content(1));
    expect(await resumed.readFile(3)).toEqual(content(3));
    await resumed.writeEncrypted(3, content(4));
    const reopened = await openStore(disk, options.key && { key });
    expect(await reopened.readFile(3)).toEqual(content(4));
    expect(reopened.state.header.sequence).toBe(store.state.header.sequence + 1);
  });

  test("that is locked is resumed locked", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const locked = await openWritableStore(disk);
    const resumed = await resumeStore(disk, saveStore(locked));
    expect(resumed.state.unlocked).toBeNull();
    expect(await codeOf(() => resumed.readFile(3))).toBe("VMGS_NEEDS_UNLOCK");
    await resumed.unlock(key);
    expect(await resumed.readFile(3)).toEqual(content(3));
  });

  test("counts as opened, never as provisioned", async () => {
    const { disk, store } = await freshStore();
    expect(store.provisioningReason).toBe("request");
    expect((await resumeStore(disk, saveStore(store))).provisioningReason).toBeNull();
  });

  test("is resumed by one read, or by none at all", async () => {
    const disk = recordingDisk(createMemoryDisk(64 * 4096));
    const store = await formatStore(disk, { key });
    await store.writeEncrypted(3, content(3));
    const saved = saveStore(store);
    disk.events.length = 0;
    await resumeStore(disk, saved);
    expect(disk.events).toEqual([{ kind: "read", offset: 0, length: 1024 }]);
    disk.events.length = 0;
    const resumed = await resumeStore(disk, saved, { verify: false });
    expect(disk.events).toEqual([]);
    expect(headersOf(resumed.state)).toBe(headersOf(store.state));
  });

  test.each([
    "encrypted",
    "encrypted-two-keys",
    "fragmented",
    "full",
    "sequence-wrapped",
    "format-only",
    "corrupt-active-header-checksum",
    "corrupt-stale-header-checksum",
    "corrupt-signature-one",
    "corrupt-version-4-newer",
  ])("made of the golden store %s is resumed as it was", async (name) => {
    const disk = openMemoryDisk(await goldenImage(name));
    const store = await openWritableStore(disk);
    const resumed = await resumeStore(disk, saveStore(store));
    expect(stateText(resumed.state)).toBe(stateText(store.state));
    expect(storeWarnings(resumed.state)).toEqual(storeWarnings(store.state));
  });

  test("whose other header holds any bytes at all is resumed as it was", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, content(1));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 168, maxLength: 168 }), async (bytes) => {
        disk.image.set(bytes, 0);
        const opened = await openWritableStore(disk);
        const resumed = await resumeStore(disk, saveStore(opened));
        expect(stateText(resumed.state)).toBe(stateText(opened.state));
        expect(storeWarnings(resumed.state)).toEqual(storeWarnings(opened.state));
      }),
      { numRuns: 50 },
    );
  });
});

describe("a saved state is refused", () => {
  test("when somebody wrote the disk since, and nothing is changed", async () => {
    const { disk, store } = await freshStore();
    const saved = saveStore(store);
    await store.write(18, content(1));
    const image = disk.image.slice();
    expect(await codeOf(() => resumeStore(disk, saved))).toBe("VMGS_CHANGED_UNDERNEATH");
    // Without the check the first change notices.
    const resumed = await resumeStore(disk, saved, { verify: false });
    expect(await codeOf(() => resumed.write(1, content(2)))).toBe("VMGS_CHANGED_UNDERNEATH");
    expect(firstDifference(disk.image, image)).toBeNull();
  });

  test("when the disk was formatted since, to the same sequence number", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, content(1));
    const saved = saveStore(store);
    const again = await formatStore(disk);
    await again.commit([{ kind: "markReprovisioned", value: true }]);
    expect(again.state.header.sequence).toBe(store.state.header.sequence);
    expect(await codeOf(() => resumeStore(disk, saved))).toBe("VMGS_CHANGED_UNDERNEATH");
  });

  test("on a disk of another size, or with other sectors", async () => {
    const { store } = await freshStore();
    const saved = saveStore(store);
    for (const disk of [createMemoryDisk(65 * 4096), createMemoryDisk(64 * 4096, 4096)]) {
      const error = await errorOf(() => resumeStore(disk, saved, { verify: false }));
      expect([error.code, error.message]).toEqual([
        "VMGS_SAVED_STATE",
        "the saved state is of a disk of another size",
      ]);
    }
  });

  test("when any bit of it was flipped", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const saved = saveStore(store);
    await fc.assert(
      fc.asyncProperty(fc.nat(saved.length * 8 - 1), async (bit) => {
        const flipped = saved.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(await codeOf(() => resumeStore(disk, flipped, { verify: false }))).toBe("VMGS_SAVED_STATE");
      }),
    );
  });

  test("when it was cut, or is something else", async () => {
    const { disk, store } = await freshStore();
    const saved = saveStore(store);
    for (const bytes of [
      new Uint8Array(0),
      saved.subarray(0, -1),
      saved.subarray(0, 100),
      new Uint8Array(saved.length),
      new TextEncoder().encode("not a saved state"),
    ]) {
      expect(await codeOf(() => resumeStore(disk, bytes))).toBe("VMGS_SAVED_STATE");
    }
  });

  test("without an error that shows any of its keys", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const saved = saveStore(store);
    saved[0] = 0;
    const error = await errorOf(() => resumeStore(disk, saved));
    expect(JSON.stringify([error.message, error.facts, String(error.cause)])).not.toContain(
      toHex(key).slice(0, 12),
    );
  });
});

test("a resumed store has the same files in the same places", async () => {
  const { disk, store } = await freshStore();
  for (const id of [5, 1, 40]) await store.write(id, content(id));
  const resumed = await resumeStore(disk, saveStore(store), { verify: false });
  expect(placesOf(resumed.state)).toEqual(placesOf(store.state));
});
