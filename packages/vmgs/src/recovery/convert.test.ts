/** Converted stores hold what they held; nothing that is in use is cut off. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { firstDifference, freshStore, testKey } from "../../test/store-fixtures.ts";
import { type Disk, openMemoryDisk } from "../disk/index.ts";
import { vhdFooter } from "../format/index.ts";
import { decode } from "../layout/index.ts";
import { openStore, openWritableStore } from "../store/index.ts";
import { type Conversion, type ConvertOptions, planConversion } from "./index.ts";

/** The new file that a conversion plans. */
async function converted(disk: Disk, options: ConvertOptions): Promise<Uint8Array> {
  return made(disk, await planConversion(disk, options));
}

const uniqueIdOf = ({ container: { footerBytes } }: Disk) =>
  footerBytes === null ? null : decode(vhdFooter, footerBytes).uniqueId;

async function made(disk: Disk, { fileBytes, copied, writes }: Conversion): Promise<Uint8Array> {
  const image = new Uint8Array(fileBytes);
  await disk.read(8192, image.subarray(8192, 8192 + copied));
  for (const { offset, bytes } of writes) image.set(bytes, offset);
  return image;
}

async function contentOf(
  image: Uint8Array,
  generation: "current" | "previous" = "current",
  key?: Uint8Array,
) {
  const store = await openStore(openMemoryDisk(image), { generation, ...(key && { key }) });
  return Promise.all(store.files.map(async ({ id }) => [id, await store.readFile(id)]));
}

test("to a raw image and back gives the same store, both generations, byte for byte", async () => {
  const image = await goldenImage("worked-example");
  const raw = await converted(openMemoryDisk(image), { container: "raw" });
  expect(firstDifference(raw, image.subarray(0, raw.length))).toBeNull();
  const back = await converted(openMemoryDisk(raw), { container: "vhd" });
  expect(back.length).toBe(image.length);
  expect(firstDifference(back.subarray(0, raw.length), raw)).toBeNull();
  expect(openMemoryDisk(back).container).toMatchObject({ kind: "vhd", diskBytes: raw.length });
});

test("to 4096-byte sectors and back, the second header moves, and both generations stay", async () => {
  const image = await goldenImage("worked-example");
  const wide = await converted(openMemoryDisk(image), { container: "raw", sectorSize: 4096 });
  expect(openMemoryDisk(wide).sectorSize).toBe(4096);
  for (const generation of ["current", "previous"] as const) {
    expect(await contentOf(wide, generation)).toEqual(await contentOf(image, generation));
  }
  const back = await converted(openMemoryDisk(wide), { container: "vhd", sectorSize: 512 });
  expect(firstDifference(back.subarray(0, wide.length), image.subarray(0, wide.length))).toBeNull();
});

test("grows, and the new blocks can be used", async () => {
  const image = await goldenImage("full");
  const size = 8 * 2 ** 20;
  const grown = await converted(openMemoryDisk(image), { byteLength: size });
  expect(grown.length).toBe(size + 512);
  expect(await contentOf(grown)).toEqual(await contentOf(image));
  const store = await openWritableStore(openMemoryDisk(grown));
  await store.write(40, patterned(3 * 2 ** 20, 1));
});

test("in place of the old file keeps the identity of the disk; a new file has its own", async () => {
  const disk = openMemoryDisk(await goldenImage("worked-example"));
  const id = (image: Uint8Array) => uniqueIdOf(openMemoryDisk(image));
  const kept = await converted(disk, { byteLength: 2 ** 20, keepIdentity: true });
  expect(id(kept)).toEqual(uniqueIdOf(disk));
  expect(id(await converted(disk, { byteLength: 2 ** 20 }))).not.toEqual(id(kept));
});

test("shrinks when nothing lies behind the new end", async () => {
  const image = await goldenImage("worked-example");
  const small = await converted(openMemoryDisk(image), { byteLength: 15 * 4096 });
  expect(await contentOf(small)).toEqual(await contentOf(image));
  await (await openWritableStore(openMemoryDisk(small))).delete(3);
});

describe("a smaller store with files behind its end", () => {
  async function scattered(key?: Uint8Array) {
    const { disk, store } = await freshStore({ blocks: 64, ...(key && { key }) });
    await store.write(20, patterned(30 * 4096, 1));
    const write = (id: number, length: number) =>
      key === undefined
        ? store.write(id, patterned(length, id))
        : store.writeEncrypted(id, patterned(length, id));
    await write(3, 9000);
    await write(1, 100);
    await store.delete(20);
    return { disk, store };
  }
  const byteLength = 24 * 4096;

  test("is refused, and the least size is told", async () => {
    const { disk } = await scattered();
    expect(await codeOf(() => planConversion(disk, { byteLength }))).toBe("VMGS_FILES_BEYOND_END");
  });

  test("has them moved on request", async () => {
    const { disk, store } = await scattered();
    const conversion = await planConversion(disk, { byteLength, move: true });
    expect(conversion.moved).toEqual([1, 3]);
    const small = await openStore(openMemoryDisk(await made(disk, conversion), { container: "raw" }));
    for (const id of [1, 3]) expect(await small.readFile(id)).toEqual(await store.readFile(id));
  });

  test("has encrypted ones moved with the key, and still encrypted", async () => {
    const key = testKey(1);
    const { disk, store } = await scattered(key);
    expect(await codeOf(() => planConversion(disk, { byteLength, move: true }))).toBe("VMGS_NEEDS_UNLOCK");
    const conversion = await planConversion(disk, { byteLength, move: true, key });
    const image = await made(disk, conversion);
    const small = await openStore(openMemoryDisk(image, { container: "raw" }), { key });
    for (const id of [1, 3]) expect(await small.readFile(id)).toEqual(await store.readFile(id));
    expect(small.files.filter(({ encrypted }) => encrypted).map(({ id }) => id)).toEqual([1, 3]);
  });

  test("is refused when there is no room", async () => {
    const { disk } = await scattered();
    expect(await codeOf(() => planConversion(disk, { byteLength: 6 * 4096, move: true }))).toBe(
      "VMGS_INSUFFICIENT_SPACE",
    );
  });
});

test.each([
  [{ byteLength: 1000 }, "VMGS_DISK_SIZE"],
  [{ byteLength: 512 }, "VMGS_DISK_TOO_SMALL"],
  [{ sectorSize: 4096 }, "VMGS_SECTOR_SIZE"],
] as const)("refuses %o", async (options, code) => {
  const disk = openMemoryDisk(await goldenImage("worked-example"));
  expect(await codeOf(() => planConversion(disk, options))).toBe(code);
});

test("a store that can't be opened is not made smaller, but gets another container", async () => {
  const disk = openMemoryDisk(await goldenImage("corrupt-both-headers-checksum"));
  expect(await codeOf(() => planConversion(disk, { byteLength: 2 ** 20 }))).toBe("VMGS_NO_VALID_HEADER");
  expect((await planConversion(disk, { container: "raw" })).fileBytes).toBe(disk.byteLength);
});
