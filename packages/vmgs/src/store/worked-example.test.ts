/** Formatting, and the worked example of the specification, step by step, byte by byte. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { patterned } from "../../test/golden-data.ts";
import { eventText, recordingDisk } from "../../test/recording-disk.ts";
import {
  firstDifference,
  freshStore,
  headersOf,
  placesOf,
  stateOn,
  testKey,
} from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { toHex } from "../layout/index.ts";
import { formatStore, openStore, storeWarnings } from "./index.ts";

describe("formatting", () => {
  test("leaves the first 32 bytes and the two files of the specification", async () => {
    const { disk } = await freshStore({ blocks: 1024 });
    expect(toHex(disk.image.subarray(0, 32))).toBe(
      "47554553545254530000030028ed2e6d01000000a80000000200000001000000",
    );
    expect(disk.image.subarray(32, 8192).every((byte) => byte === 0)).toBe(true);
    expect(disk.image.subarray(3 * 4096).every((byte) => byte === 0)).toBe(true);
    const state = stateOn(disk);
    expect(headersOf(state)).toBe("slot 0, sequence 1, table 2");
    expect(placesOf(state)).toEqual(["0 at 2+1", "63 at 3+1"]);
    expect([...state.files.values()].map(({ byteLength, attributes }) => [byteLength, attributes])).toEqual([
      [4096, 0],
      [4096, 0],
    ]);
    expect(storeWarnings(state)).toEqual([]);
  });

  test("clears both headers, then writes the tables, then the header that counts, each flushed", async () => {
    const disk = recordingDisk(createMemoryDisk(64 * 4096));
    await formatStore(disk);
    expect(disk.events.filter(({ kind }) => kind !== "read").map(eventText)).toEqual([
      "write 512+512",
      "flush",
      "write 0+512",
      "flush",
      "write 8192+4096",
      "write 12288+4096",
      "flush",
      "write 0+512",
      "flush",
    ]);
  });

  test("of a used disk leaves nothing of the old store that a reader would find", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, patterned(190, 1));
    await store.write(3, patterned(32768, 2));
    await formatStore(disk);
    const state = stateOn(disk);
    expect(headersOf(state)).toBe("slot 0, sequence 1, table 2");
    expect(placesOf(state)).toEqual(["0 at 2+1", "63 at 3+1"]);
    expect(state.headers[1].blank).toBe(true);
  });

  test("with a key makes an encrypted store, opened by that key", async () => {
    const key = testKey(1);
    const { disk, store } = await freshStore({ key });
    expect(store.state.unlocked?.keySlot).toBe(0);
    const reopened = await openStore(disk, { key });
    expect(reopened.state.header.encryptionAlgorithm).toBe(1);
    expect(await codeOf(() => openStore(disk, { key: testKey(2) }))).toBe("VMGS_WRONG_KEY");
  });

  test.each<[string, Uint8Array, string]>([
    ["of 31 bytes", testKey(1).subarray(1), "VMGS_KEY_LENGTH"],
    ["of zeros", new Uint8Array(32), "VMGS_KEY_ZERO"],
  ])("with a key %s is refused before the old store is lost", async (_, key, code) => {
    const { disk, store } = await freshStore();
    await store.write(18, patterned(190, 1));
    const before = disk.image.slice();
    expect(await codeOf(() => formatStore(disk, { key }))).toBe(code);
    expect(firstDifference(disk.image, before)).toBeNull();
  });

  test.each([2, 3, 4, 5])("of %i blocks is refused, naming the smallest useful size", async (blocks) => {
    const disk = createMemoryDisk(blocks * 4096);
    const error = await errorOf(() => formatStore(disk));
    expect(error.code).toBe("VMGS_DISK_TOO_SMALL");
    expect(error.message).toMatch(/6 \(24576 bytes\)/);
    expect(disk.image.every((byte) => byte === 0)).toBe(true);
  });

  test("of 4 and 5 blocks is done on explicit request, and warned about", async () => {
    for (const blocks of [4, 5]) {
      const { disk, store } = await freshStore({ blocks });
      const [warning] = storeWarnings(stateOn(disk));
      expect(warning).toMatchObject({
        code: "VMGS_STORE_TOO_SMALL",
        message: expect.stringContaining("24576"),
      });
      expect(await codeOf(() => store.write(18, new Uint8Array(1)))).toBe("VMGS_INSUFFICIENT_SPACE");
    }
  });

  test("of 3 blocks is never done", async () => {
    const disk = createMemoryDisk(3 * 4096);
    expect(await codeOf(() => formatStore(disk, { allowTiny: true }))).toBe("VMGS_DISK_TOO_SMALL");
  });
});

test("the worked example of the specification, step by step", async () => {
  const { disk, store } = await freshStore({ blocks: 1024 });
  const marker = patterned(190, 1);
  const checksum = (slot: 0 | 1) => stateOn(disk).headers[slot].header.checksum;
  expect(checksum(0)).toBe(0x6d2eed28);

  await store.write(18, marker);
  expect(headersOf(stateOn(disk))).toBe("slot 1, sequence 2, table 4");
  expect(placesOf(stateOn(disk))).toEqual(["0 at 4+1", "18 at 5+1", "63 at 3+1"]);
  expect(checksum(1)).toBe(0xd186bd34);

  await store.write(3, patterned(32768, 2));
  expect(headersOf(stateOn(disk))).toBe("slot 0, sequence 3, table 2");
  expect(placesOf(stateOn(disk))).toEqual(["0 at 2+1", "3 at 6+8", "18 at 5+1", "63 at 3+1"]);
  expect(checksum(0)).toBe(0x9612400b);

  await store.write(18, patterned(190, 3));
  expect(headersOf(stateOn(disk))).toBe("slot 1, sequence 4, table 4");
  expect(placesOf(stateOn(disk))).toEqual(["0 at 4+1", "3 at 6+8", "18 at 14+1", "63 at 3+1"]);

  expect(await store.readFile(18)).toEqual(patterned(190, 3));
  expect(await store.readFile(3)).toEqual(patterned(32768, 2));
  const before = await openStore(disk, { generation: "previous" });
  expect(headersOf(before.state)).toBe("slot 0, sequence 3, table 2");
  expect(await before.readFile(18)).toEqual(marker);
});

test("a disk with 4096-byte sectors keeps its second header at byte 4096", async () => {
  const { disk, store } = await freshStore({ sectorSize: 4096 });
  await store.write(18, patterned(190, 1));
  expect(toHex(disk.image.subarray(4096, 4104))).toBe("4755455354525453");
  expect(disk.image.subarray(512, 520).every((byte) => byte === 0)).toBe(true);
  const reopened = await openStore(openMemoryDisk(disk.image));
  expect(reopened.state.geometry.sectorSize).toBe(4096);
  expect(await reopened.readFile(18)).toEqual(patterned(190, 1));
});
