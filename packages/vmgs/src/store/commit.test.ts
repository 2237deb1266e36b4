/** How a transaction reaches the disk: order, failures, and what happens around it. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import {
  type DiskEvent,
  eventText,
  failing,
  type RecordingDisk,
  recordingDisk,
} from "../../test/recording-disk.ts";
import { firstDifference, freshStore, stateOn, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk, type WritableDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { formatStore, openStore, openWritableStore, type WritableStore } from "./index.ts";

const key = testKey(1);
const content = (fill: number) => patterned(5000, fill);
const diskFull = () => new VmgsError("VMGS_DISK_FULL", "no space left");

async function recordedStore(options: { key?: Uint8Array } = {}) {
  const disk = recordingDisk(createMemoryDisk(64 * 4096));
  const store = await formatStore(disk, options);
  await store.write(1, content(1));
  disk.events.length = 0;
  return { disk, store };
}

const changesOf = (disk: RecordingDisk) => disk.events.filter(({ kind }) => kind !== "read").map(eventText);
const isHeaderWrite = (event: DiskEvent) => event.kind === "write" && event.offset < 8192;

describe("a transaction", () => {
  test("writes content and tables, flushes, writes the other header, flushes again", async () => {
    const { disk, store } = await recordedStore();
    await store.write(18, patterned(600, 1));
    expect(changesOf(disk)).toEqual(["write 28672+4096", "write 8192+4096", "flush", "write 0+512", "flush"]);
  });

  test("of an encrypted store also writes the extended file table before the flush", async () => {
    const { disk, store } = await recordedStore({ key });
    await store.writeEncrypted(3, patterned(512, 1));
    const { files } = store.state;
    const at = (id: number) => (files.get(id)?.block ?? 0) * 4096;
    expect(changesOf(disk)).toEqual([
      `write ${at(3)}+4096`,
      `write ${at(63)}+4096`,
      `write ${at(0)}+4096`,
      "flush",
      `write ${store.state.activeSlot * 512}+512`,
      "flush",
    ]);
  });

  test("alternates between the header slots, one sequence number each", async () => {
    const { store } = await recordedStore();
    const slots: number[] = [];
    const { sequence } = store.state.header;
    for (let i = 1; i <= 4; i++) {
      await store.write(18, content(i));
      slots.push(store.state.activeSlot);
      expect(store.state.header.sequence).toBe(sequence + i);
    }
    expect(slots).toEqual([0, 1, 0, 1]);
  });

  test("looks at the headers once before it writes, and at nothing else", async () => {
    const { disk, store } = await recordedStore();
    await store.write(18, content(2));
    expect(disk.events.filter(({ kind }) => kind === "read").map(eventText)).toEqual(["read 0+1024"]);
  });

  test("costs the same in a large store as in a small one", async () => {
    const events: string[][] = [];
    for (const blocks of [64, 4096]) {
      const disk = recordingDisk(createMemoryDisk(blocks * 4096));
      const store = await formatStore(disk);
      disk.events.length = 0;
      await store.write(18, content(1));
      events.push(disk.events.map(eventText));
    }
    expect(events[0]).toEqual(events[1]);
  });

  test("crosses the end of the sequence numbers", async () => {
    const disk = openMemoryDisk(await goldenImage("sequence-before-wrap"));
    const store = await openWritableStore(disk);
    expect(store.state.header.sequence).toBe(0xffff_ffff);
    await store.write(20, content(1));
    expect(stateOn(disk).header.sequence).toBe(0);
    await store.write(20, content(2));
    expect(stateOn(disk).header.sequence).toBe(1);
    expect((await openStore(disk, { generation: "previous" })).state.header.sequence).toBe(0);
  });
});

describe("a failure before the commit", () => {
  test.each([
    ["at the first write", 0],
    ["at the second write", 1],
    ["at the flush", 2],
  ])("%s leaves the store as it was, and usable", async (_, at) => {
    const { disk, store } = await recordedStore();
    const before = store.state;
    let count = 0;
    disk.before = failing((event) => event.kind !== "read" && count++ === at, diskFull);
    expect(await codeOf(() => store.write(18, patterned(600, 1)))).toBe("VMGS_DISK_FULL");
    disk.before = () => undefined;
    expect(store.state).toBe(before);
    expect(stateOn(openMemoryDisk(disk.image, { container: "raw" })).header.sequence).toBe(
      before.header.sequence,
    );
    await store.write(18, content(2));
    expect(await store.readFile(18)).toEqual(content(2));
    expect(await store.readFile(1)).toEqual(content(1));
  });

  test("leaves headers, tables and files untouched byte for byte", async () => {
    const { disk, store } = await recordedStore();
    const image = disk.image.slice();
    disk.before = failing((event) => event.kind === "flush", diskFull);
    await codeOf(() => store.write(18, content(2)));
    for (const { block, blocks } of store.state.files.values()) {
      const [from, to] = [block * 4096, (block + blocks) * 4096];
      expect(firstDifference(disk.image.subarray(from, to), image.subarray(from, to))).toBeNull();
    }
    expect(firstDifference(disk.image.subarray(0, 8192), image.subarray(0, 8192))).toBeNull();
  });
});

describe("a failure at the commit", () => {
  test.each<[string, (event: DiskEvent) => boolean]>([
    ["write", isHeaderWrite],
    ["flush", () => false],
  ])(
    "(the header's %s) makes the store uncertain: every further change is refused",
    async (what, condition) => {
      const { disk, store } = await recordedStore();
      let flushes = 0;
      disk.before = failing(
        (event) => condition(event) || (what === "flush" && event.kind === "flush" && ++flushes === 2),
        diskFull,
      );
      const error = await errorOf(() => store.write(18, content(2)));
      expect(error.code).toBe("VMGS_STORE_UNCERTAIN");
      expect(error.cause).toMatchObject({ code: "VMGS_DISK_FULL" });
      disk.before = () => undefined;
      for (const change of [
        () => store.write(18, content(3)),
        () => store.delete(1),
        () => store.addKey(key),
        () => store.decryptAll(),
      ]) {
        expect(await codeOf(change)).toBe("VMGS_STORE_UNCERTAIN");
      }
      expect(await store.readFile(1)).toEqual(content(1));
      const reopened = await openWritableStore(disk);
      await reopened.write(18, content(3));
      expect(await reopened.readFile(18)).toEqual(content(3));
    },
  );

  test("with an error of another kind is told the same way", async () => {
    const { disk, store } = await recordedStore();
    disk.before = failing(isHeaderWrite, () => "a string");
    const error = await errorOf(() => store.write(18, content(2)));
    expect([error.code, error.cause]).toEqual(["VMGS_STORE_UNCERTAIN", "a string"]);
  });
});

describe("a store that somebody else wrote underneath", () => {
  test.each<[string, (disk: WritableDisk) => Promise<unknown>]>([
    ["is committed to", async (disk) => (await openWritableStore(disk)).write(18, content(9))],
    ["is formatted", (disk) => formatStore(disk)],
    ["loses its headers", (disk) => disk.write(0, new Uint8Array(8192))],
    ["becomes something else", (disk) => disk.write(0, new Uint8Array(8192).fill(0x55))],
  ])("and %s is not changed", async (_, meddle) => {
    const { disk, store } = await recordedStore();
    await meddle(disk);
    const image = disk.image.slice();
    for (const change of [
      () => store.write(18, content(2)),
      () => store.delete(1),
      () => store.commit([{ kind: "markReprovisioned", value: true }]),
    ]) {
      const error = await errorOf(change);
      expect(error.code).toBe("VMGS_CHANGED_UNDERNEATH");
      expect(firstDifference(disk.image, image)).toBeNull();
    }
  });

  test("also when only the checksum of its header tells it", async () => {
    const { disk, store } = await recordedStore();
    const other = await openWritableStore(
      openMemoryDisk(disk.image.slice(), { container: "raw", sectorSize: 512 }),
    );
    const { commit } = await other.plan([{ kind: "markReprovisioned", value: true }]);
    // The same slot and sequence as a transaction of our own, but other content.
    await store.write(18, content(1));
    if (commit !== null) await disk.write(commit.offset, commit.bytes);
    expect(await codeOf(() => store.write(18, content(2)))).toBe("VMGS_CHANGED_UNDERNEATH");
  });

  test("while a read error is not mistaken for it", async () => {
    const { disk, store } = await recordedStore();
    disk.before = failing(
      (event) => event.kind === "read",
      () => new VmgsError("VMGS_IO", "unreadable"),
    );
    expect(await codeOf(() => store.write(18, content(2)))).toBe("VMGS_IO");
  });
});

describe("while a change is under way", () => {
  test("every other use of the store object is refused, and the change goes on", async () => {
    const { disk, store } = await recordedStore();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    disk.before = (event) => (event.kind === "flush" ? gate : undefined);
    const writing = store.write(18, content(2));
    const others: ((busy: WritableStore) => Promise<unknown>)[] = [
      (busy) => busy.write(20, content(3)),
      (busy) => busy.delete(1),
      (busy) => busy.unlock(key),
      (busy) => busy.readFile(1),
      (busy) => busy.readRaw(1),
      (busy) => busy.readMarker(),
      (busy) => busy.plan([{ kind: "delete", fileId: 1 }]),
      (busy) => busy.updateKey(key),
      (busy) => busy.decryptAll(),
    ];
    for (const other of others) expect(await codeOf(() => other(store))).toBe("VMGS_STORE_BUSY");
    release();
    await writing;
    expect(await store.readFile(18)).toEqual(content(2));
    expect(store.files.map(({ id }) => id)).toEqual([1, 18]);
  });

  test("that fails, the store is free again afterwards", async () => {
    const { store } = await recordedStore();
    expect(await codeOf(() => store.delete(40))).toBe("VMGS_FILE_NOT_ALLOCATED");
    expect(await codeOf(() => store.delete(1))).toBe("done");
  });
});

describe("wiping", () => {
  /** Blocks of an image that hold a byte of `fill`. */
  const dirty = (image: Uint8Array, fill: number) => {
    const blocks: number[] = [];
    for (let at = 0; at < image.length; at += 4096) {
      if (image.subarray(at, at + 4096).includes(fill)) blocks.push(at / 4096);
    }
    return blocks;
  };

  test("zeroes what holds nothing of the new generation, after the commit, its old table first", async () => {
    const { disk, store } = await recordedStore();
    await store.write(18, new Uint8Array(3 * 4096).fill(0xa5));
    const before = store.state;
    const image = disk.image.slice();
    disk.events.length = 0;
    const { freed } = await store.commit([{ kind: "delete", fileId: 18 }], { wipe: true });
    const old = before.files.get(18);
    const table = before.files.get(0);
    expect(freed).toEqual([
      { block: table?.block, blocks: 1 },
      { block: old?.block, blocks: 3 },
    ]);
    const wiped = new Set(
      freed.flatMap(({ block, blocks }) => Array.from({ length: blocks }, (_, i) => block + i)),
    );
    const after = store.state;
    for (let block = 2; block < 64; block++) {
      const now = disk.image.subarray(block * 4096, (block + 1) * 4096);
      if (wiped.has(block)) expect(now.every((byte) => byte === 0)).toBe(true);
      else if (block !== after.header.fileTableOffset) {
        expect(firstDifference(now, image.subarray(block * 4096, (block + 1) * 4096))).toBeNull();
      }
    }
    expect(changesOf(disk).slice(-5)).toEqual([
      "flush",
      `write ${(freed[0]?.block ?? 0) * 4096}+4096`,
      "flush",
      `write ${(freed[1]?.block ?? 0) * 4096}+12288`,
      "flush",
    ]);
    expect(await store.readFile(1)).toEqual(content(1));
  });

  test("leaves no old content of a replaced or deleted file", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, new Uint8Array(9000).fill(0xa5), { wipe: true });
    await store.write(1, new Uint8Array(100), { wipe: true });
    expect(dirty(disk.image, 0xa5)).toEqual([]);
    await store.write(1, new Uint8Array(9000).fill(0xa5), { wipe: true });
    await store.move(1, 2, { wipe: true });
    expect(dirty(disk.image, 0xa5)).toHaveLength(3);
    await store.delete(2, { wipe: true });
    expect(dirty(disk.image, 0xa5)).toEqual([]);
  });

  test("leaves no ciphertext of a decrypted file, and no old extended file table", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const before = [3, 63].map((id) => store.state.files.get(id));
    await store.decryptAll({ wipe: true });
    for (const file of before) {
      const at = (file?.block ?? 0) * 4096;
      expect(disk.image.subarray(at, at + (file?.byteLength ?? 0)).every((byte) => byte === 0)).toBe(true);
    }
  });

  test("of more blocks than are zeroed at once reaches all of them, and no more", async () => {
    const { disk, store } = await freshStore({ blocks: 300 });
    await store.write(1, new Uint8Array(200 * 4096).fill(0xa5));
    await store.write(2, new Uint8Array(4096).fill(0x5a));
    await store.delete(1, { wipe: true });
    expect(dirty(disk.image, 0xa5)).toEqual([]);
    expect(dirty(disk.image, 0x5a)).toEqual([store.state.files.get(2)?.block]);
  });

  test("writes nothing more where nothing old is left", async () => {
    const { disk, store } = await recordedStore();
    await store.wipe();
    disk.events.length = 0;
    await store.commit([{ kind: "markReprovisioned", value: true }], { wipe: true });
    expect(changesOf(disk).filter((text) => text.startsWith("write"))).toHaveLength(1);
  });

  test("ends the previous generation, and is not done unasked", async () => {
    const { disk, store } = await recordedStore();
    await store.write(18, content(2));
    await store.write(18, content(3));
    const before = await openStore(disk, { generation: "previous" });
    expect(await before.readFile(18)).toEqual(content(2));
    await store.write(18, content(4), { wipe: true });
    expect(await codeOf(() => openStore(disk, { generation: "previous" }))).toBe("VMGS_GENERATION_WIPED");
  });
});
