/** What a reader accepts and still tells about; and who owns which block. */

import { describe, expect, test } from "vitest";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { freshStore, stateOn, testKey } from "../../test/store-fixtures.ts";
import { type MemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { fileTableEntry, header, headerChecksum } from "../format/index.ts";
import { decode, encode } from "../layout/index.ts";
import { blockMap, listFiles, openStore, storeSpace, storeWarnings } from "./index.ts";

const content = patterned(5000, 1);

/** Changes one field of the active header, and puts its checksum right. */
function patchHeader(disk: MemoryDisk, at: number, value: number): void {
  const start = stateOn(disk).activeSlot * 512;
  disk.image[start + at] = value;
  const bytes = disk.image.subarray(start, start + 168);
  const fields = decode(header, bytes);
  bytes.set(encode(header, { ...fields, checksum: headerChecksum(bytes) }));
}

function patchEntry(disk: MemoryDisk, fileId: number, at: number, value: number): void {
  disk.image[stateOn(disk).header.fileTableOffset * 4096 + fileId * 64 + at] = value;
}

const found = (disk: MemoryDisk) =>
  storeWarnings(stateOn(disk)).map(({ code, message }) => `${code}: ${message}`);

async function withFile() {
  const fresh = await freshStore();
  await fresh.store.write(3, content);
  return fresh;
}

test("a sound store has no warnings, encrypted or not", async () => {
  expect(found((await withFile()).disk)).toEqual([]);
  const { disk, store } = await freshStore({ key: testKey(1) });
  await store.writeEncrypted(3, content);
  expect(found(disk)).toEqual([]);
  const unlocked = await openStore(disk, { key: testKey(1) });
  expect(storeWarnings(unlocked.state)).toEqual([]);
});

describe("what is not as it should be is told:", () => {
  test("reserved bits and bytes of the header", async () => {
    const { disk } = await withFile();
    patchHeader(disk, header.offsets.markers, 0x04);
    patchHeader(disk, header.offsets.reserved, 1);
    expect(found(disk)).toEqual([
      "VMGS_RESERVED_NOT_ZERO: header 1: markers has reserved bits set: 0x0004",
      "VMGS_RESERVED_NOT_ZERO: header 1: reserved is 0x00000001, not 0x00000000",
    ]);
  });

  test("reserved bytes of a key slot", async () => {
    const { disk } = await withFile();
    patchHeader(disk, header.offsets.metadataKeys + 64 + 12, 7);
    expect(found(disk)).toEqual([
      "VMGS_RESERVED_NOT_ZERO: header 1: metadataKeys[1].reserved is 0x00000007, not 0x00000000",
    ]);
  });

  test("reserved bytes and unknown attributes of an entry", async () => {
    const { disk } = await withFile();
    patchEntry(disk, 3, fileTableEntry.offsets.reserved + 15, 1);
    patchEntry(disk, 3, fileTableEntry.offsets.attributes, 4);
    expect(found(disk)).toEqual([
      "VMGS_RESERVED_NOT_ZERO: file table entry 3: reserved bytes are not zero",
      "VMGS_RESERVED_NOT_ZERO: file table entry 3: attributes have unknown bits 0x4",
    ]);
  });

  test("tables that claim more than their one block", async () => {
    const { disk } = await withFile();
    patchEntry(disk, 63, fileTableEntry.offsets.allocationSize, 2);
    const codes = storeWarnings(stateOn(disk)).map(({ code }) => code);
    expect(codes).toContain("VMGS_TABLE_ENTRY_MISMATCH");
  });

  test("files that share blocks, each pair once", async () => {
    const { disk, store } = await withFile();
    await store.write(1, content);
    const at = stateOn(disk).files.get(1)?.block ?? 0;
    patchEntry(disk, 3, 0, at + 1);
    expect(found(disk)).toEqual([
      `VMGS_ALLOCATIONS_OVERLAP: BIOS_NVRAM (1) and TPM_NVRAM (3) share block ${at + 1}; writing is refused`,
    ]);
  });

  test("attributes that differ between the two tables, once the store is unlocked", async () => {
    const { disk, store } = await freshStore({ key: testKey(1) });
    await store.writeEncrypted(3, content);
    patchEntry(disk, 3, fileTableEntry.offsets.attributes, 1);
    expect(found(disk)).toEqual([]);
    const { state } = await openStore(disk, { key: testKey(1) });
    expect(storeWarnings(state)).toEqual([
      {
        code: "VMGS_ATTRIBUTES_DIFFER",
        message: "TPM_NVRAM (3): encrypted in the file table, encrypted | authenticated in the extended one",
      },
    ]);
  });

  test("a damaged newer header, and a damaged older one, are told apart", async () => {
    const lost = stateOn(openMemoryDisk(await goldenImage("corrupt-active-header-checksum")));
    expect(storeWarnings(lost).map(({ code }) => code)).toEqual(["VMGS_ACTIVE_HEADER_LOST"]);
    const other = stateOn(openMemoryDisk(await goldenImage("corrupt-stale-header-checksum")));
    expect(storeWarnings(other).map(({ code }) => code)).toEqual(["VMGS_OTHER_HEADER_INVALID"]);
  });
});

describe("the files of a store are listed", () => {
  test("in ascending ID, users' files alone unless all are asked for", async () => {
    const { disk, store } = await freshStore({ key: testKey(1) });
    await store.writeEncrypted(20, content);
    await store.write(3, content);
    const { state } = store;
    expect(listFiles(state).map(({ id }) => id)).toEqual([3, 20]);
    expect(
      listFiles(stateOn(disk), { all: true }).map(({ id, name, encrypted, readable }) => [
        id,
        name,
        encrypted,
        readable,
      ]),
    ).toEqual([
      [0, "FILE_TABLE", false, true],
      [3, "TPM_NVRAM", false, true],
      [20, null, true, false],
      [63, "EXTENDED_FILE_TABLE", true, true],
    ]);
    const [file] = listFiles(state);
    expect(file).toEqual({
      id: 3,
      name: "TPM_NVRAM",
      block: state.files.get(3)?.block,
      blocks: 2,
      bytes: 5000,
      allocatedBytes: 8192,
      encrypted: false,
      readable: true,
    });
  });
});

describe("the block map", () => {
  test("names an owner for every block, once, in a sound store", async () => {
    for (const name of ["fragmented", "full", "worked-example", "encrypted", "tiny-8-blocks"]) {
      const state = stateOn(openMemoryDisk(await goldenImage(name)));
      const map = blockMap(state);
      let next = 0;
      for (const { block, blocks } of map) {
        expect(block).toBe(next);
        next += blocks;
      }
      expect(next).toBe(state.geometry.blockCapacity);
      expect(map[0]).toEqual({ block: 0, blocks: 2, owner: "header" });
      const free = map.filter(({ owner }) => owner === "free");
      expect(storeSpace(state)).toEqual({
        blocks: state.geometry.blockCapacity,
        freeBlocks: free.reduce((sum, { blocks }) => sum + blocks, 0),
        largestFreeRun: Math.max(0, ...free.map(({ blocks }) => blocks)),
      });
    }
  });

  test("lists both owners where allocations overlap", async () => {
    const map = blockMap(stateOn(openMemoryDisk(await goldenImage("corrupt-entry-overlap"))));
    expect(map.some(({ block }, i) => block < (map[i - 1]?.block ?? 0) + (map[i - 1]?.blocks ?? 0))).toBe(
      true,
    );
  });
});
