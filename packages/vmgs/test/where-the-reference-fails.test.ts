/** Section 10 of the specification, row by row: where the reference fails and we must not. */

import { describe, expect, test } from "vitest";
import { encodeHeader, fileTableEntry, header as headerLayout } from "../src/format/index.ts";
import {
  createMemoryDisk,
  type Disk,
  formatStore,
  type MemoryDisk,
  openMemoryDisk,
  openStore,
  openWritableStore,
  provisionDisk,
  storeWarnings,
} from "../src/index.ts";
import { decode, encode, fromHex, toHex } from "../src/layout/index.ts";
import { codeOf, errorOf } from "./expect-error.ts";
import { goldenImage, goldenStores, patterned } from "./golden-data.ts";
import { eventText, recordingDisk } from "./recording-disk.ts";
import { firstDifference, freshStore, stateOn, testKey } from "./store-fixtures.ts";

const key = testKey(1);
const content = patterned(5000, 1);

const keyOf = (name: string) =>
  fromHex(goldenStores.find((golden) => golden.name === name)?.keys[0] ?? "") as Uint8Array;

/** Sets `reprovisioned` in the active header, as another writer would. */
function setReprovisioned(disk: MemoryDisk): void {
  const at = stateOn(disk).activeSlot * 512;
  const value = decode(headerLayout, disk.image.subarray(at, at + 168));
  disk.image.set(encodeHeader({ ...value, markers: 1 }), at);
}

function patchEntry(disk: MemoryDisk, fileId: number, change: Record<string, unknown>): void {
  const at = stateOn(disk).header.fileTableOffset * 4096 + fileId * 64;
  const entry = decode(fileTableEntry, disk.image, at);
  disk.image.set(encode(fileTableEntry, { ...entry, ...change }), at);
}

describe("an encrypted file", () => {
  test("whose ciphertext happens to be zero is read: the tag decides", async () => {
    const name = "encrypted-zero-ciphertext";
    const store = await openStore(openMemoryDisk(await goldenImage(name)), { key: keyOf(name) });
    expect(toHex(await store.readRaw(4))).toBe("00");
    expect((await store.readFile(4)).length).toBe(1);
  });

  test("whose blocks were wiped is refused, although it is all zeros as well", async () => {
    const name = "corrupt-enc-data-zeros";
    const store = await openStore(openMemoryDisk(await goldenImage(name)), { key: keyOf(name) });
    expect(await codeOf(() => store.readFile(3))).toBe("VMGS_AUTHENTICATION_FAILED");
  });

  test("of length zero is read", async () => {
    const name = "encrypted-zero-length";
    const store = await openStore(openMemoryDisk(await goldenImage(name)), { key: keyOf(name) });
    expect(await store.readFile(3)).toEqual(new Uint8Array(0));
  });

  test("is not replaced by plaintext through an encrypted write while locked", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content);
    const locked = await openWritableStore(disk);
    expect(await codeOf(() => locked.writeEncrypted(3, content))).toBe("VMGS_NEEDS_UNLOCK");
  });

  test("that the reference replaced so is read by the file table, and reported", async () => {
    const name = "encrypted-locked-overwrite";
    const disk = openMemoryDisk(await goldenImage(name));
    const store = await openWritableStore(disk, { key: keyOf(name) });
    expect((await store.readFile(3)).length).toBe(stateOn(disk).files.get(3)?.byteLength);
    expect(storeWarnings(store.state).map(({ code }) => code)).toContain("VMGS_ATTRIBUTES_DIFFER");
    await store.write(20, content);
    const after = await openStore(disk, { key: keyOf(name) });
    expect(storeWarnings(after.state)).toEqual([]);
    expect(await after.readFile(3)).toEqual(await store.readFile(3));
  });

  test("that was deleted while locked leaves its key, and the first transaction after unlocking cleans it", async () => {
    const name = "encrypted-locked-delete";
    const disk = openMemoryDisk(await goldenImage(name));
    const store = await openWritableStore(disk, { key: keyOf(name) });
    const [gone] = [3, 4, 5].filter((id) => !store.state.files.has(id));
    await store.write(gone ?? 0, content);
    const after = await openStore(disk, { key: keyOf(name) });
    expect(after.state.unlocked?.fileKeys.get(gone ?? 0)).toMatchObject({ attributes: 0 });
    expect(after.state.unlocked?.fileKeys.get(gone ?? 0)?.key.isZero()).toBe(true);
  });
});

test("a file ID of 64 and above is refused, everywhere", async () => {
  const { store } = await freshStore();
  for (const id of [64, 65, 4_294_967_295]) {
    expect(await codeOf(() => store.write(id, content))).toBe("VMGS_INVALID_FILE_ID");
    expect(await codeOf(() => store.readFile(id))).toBe("VMGS_INVALID_FILE_ID");
  }
});

test("a store whose file table lacks entry 0, with `reprovisioned` set, opens and is reported; writing is refused", async () => {
  const disk = openMemoryDisk(await goldenImage("corrupt-entry-0-missing"));
  setReprovisioned(disk);
  const image = disk.image.slice();
  const store = await openWritableStore(disk);
  expect(store.files.length).toBeGreaterThan(0);
  expect(storeWarnings(store.state).map(({ code }) => code)).toEqual(["VMGS_TABLE_ENTRY_MISMATCH"]);
  const clear = { kind: "markReprovisioned", value: false } as const;
  expect(await codeOf(() => store.commit([clear]))).toBe("VMGS_INCONSISTENT_FILE_TABLE");
  expect(await codeOf(() => provisionDisk(disk))).toBe("VMGS_INCONSISTENT_FILE_TABLE");
  expect(firstDifference(disk.image, image)).toBeNull();
});

test("offset and size beyond 2^32 are refused on opening", async () => {
  const { disk, store } = await freshStore();
  await store.write(3, content);
  patchEntry(disk, 3, { offset: 8, allocationSize: 0xffff_fffc });
  expect(await codeOf(() => openStore(disk))).toBe("VMGS_CORRUPT_FILE_TABLE");
});

test("overlapping allocations are read, and writes are refused", async () => {
  const { disk, store } = await freshStore();
  await store.write(1, content);
  await store.write(3, content);
  patchEntry(disk, 3, { offset: store.state.files.get(1)?.block });
  const image = disk.image.slice();
  const overlapping = await openWritableStore(disk);
  expect(await overlapping.readFile(3)).toEqual(content);
  const error = await errorOf(() => overlapping.write(3, content));
  expect([error.code, error.facts]).toMatchObject([
    "VMGS_OVERLAPPING_FILES",
    { block: store.state.files.get(1)?.block },
  ]);
  expect(firstDifference(disk.image, image)).toBeNull();
});

test("a file table past the end is refused as such, and the other header can be followed", async () => {
  const { disk, store } = await freshStore();
  await store.write(3, content);
  await store.write(3, patterned(10, 2));
  const at = stateOn(disk).activeSlot * 512;
  const value = decode(headerLayout, disk.image.subarray(at, at + 168));
  disk.image.set(encodeHeader({ ...value, fileTableOffset: 64 }), at);
  expect(await codeOf(() => openStore(disk))).toBe("VMGS_FILE_TABLE_OUT_OF_RANGE");
  const before = await openStore(disk, { generation: "previous" });
  expect(await before.readFile(3)).toEqual(content);
});

test("read-only media with `reprovisioned` set open", async () => {
  const { disk, store } = await freshStore();
  await store.write(3, content);
  setReprovisioned(disk);
  const { container, sectorSize, byteLength, read } = disk;
  const readOnly: Disk = { container, sectorSize, byteLength, read };
  const opened = await openStore(readOnly);
  expect(await opened.readFile(3)).toEqual(content);
  expect(opened.state.header.markers).toBe(1);
});

test("4 and 5 blocks are formatted only on request, with the smallest useful size named", async () => {
  for (const blocks of [4, 5]) {
    const error = await errorOf(() => formatStore(createMemoryDisk(blocks * 4096)));
    expect(error.code).toBe("VMGS_DISK_TOO_SMALL");
    expect(error.message).toContain("24576 bytes");
    const { disk } = await freshStore({ blocks });
    expect(storeWarnings(stateOn(disk)).map(({ code }) => code)).toEqual(["VMGS_STORE_TOO_SMALL"]);
  }
  const { store } = await freshStore({ blocks: 6 });
  expect(storeWarnings(store.state)).toEqual([]);
  await store.write(3, patterned(4096, 1));
});

test("a change is flushed before it is reported as done", async () => {
  const disk = recordingDisk(createMemoryDisk(64 * 4096));
  const store = await formatStore(disk);
  expect(eventText(disk.events.at(-2) ?? { kind: "flush" })).toMatch(/^(read|write)/);
  await store.write(3, content);
  expect(disk.events.slice(-2).map(({ kind }) => kind)).toEqual(["write", "flush"]);
});
