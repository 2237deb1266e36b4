/** Disks in memory and over Blobs: what they read, write and refuse. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { firstDifference } from "../../test/store-fixtures.ts";
import { blobSource } from "../source/index.ts";
import { openStore } from "../store/index.ts";
import { createMemoryDisk, type Disk, openDisk, openMemoryDisk, type WritableDisk } from "./index.ts";

const RAW = { container: "raw", sectorSize: 512 } as const;

describe("a disk in memory", () => {
  test("begins as zeros and reads what was written", async () => {
    const disk = createMemoryDisk(16_384);
    expect(disk).toMatchObject({ byteLength: 16_384, sectorSize: 512 });
    await disk.write(512, patterned(1024, 1));
    await disk.flush();
    const into = new Uint8Array(1030);
    await disk.read(509, into);
    expect(into).toEqual(Uint8Array.from([0, 0, 0, ...patterned(1024, 1), 0, 0, 0]));
    const again = new Uint8Array(1030);
    disk.readSync(509, again);
    expect(again).toEqual(into);
  });

  test("works on the image itself", async () => {
    const image = new Uint8Array(8192);
    const disk = openMemoryDisk(image, RAW);
    await disk.write(0, new Uint8Array(512).fill(7));
    expect(image[511]).toBe(7);
    expect(disk.image).toBe(image);
  });

  test.each<[string, number, number]>([
    ["past the end", 7680, 1024],
    ["behind the end", 8192, 512],
    ["before the start", -512, 512],
    ["within a sector", 100, 512],
    ["of half a sector", 512, 256],
  ])("refuses a write %s", async (_, offset, length) => {
    const disk = createMemoryDisk(8192);
    const error = await errorOf(() => disk.write(offset, new Uint8Array(length).fill(1)));
    expect(error.code).toBe("VMGS_DISK_RANGE");
    expect(error.facts).toMatchObject({ offset, bytes: length });
    expect(disk.image.every((byte) => byte === 0)).toBe(true);
  });

  test("with 4096-byte sectors refuses writes of 512 bytes", async () => {
    const disk = createMemoryDisk(8192, 4096);
    expect(await codeOf(() => disk.write(512, new Uint8Array(512)))).toBe("VMGS_DISK_RANGE");
    expect(await codeOf(() => disk.write(4096, new Uint8Array(4096)))).toBe("done");
  });

  test.each([
    [8191, 2],
    [-1, 1],
    [9000, 1],
  ])("refuses to read at %i", async (offset, length) => {
    const disk = createMemoryDisk(8192);
    expect(await codeOf(() => disk.read(offset, new Uint8Array(length)))).toBe("VMGS_DISK_RANGE");
    expect(await codeOf(() => disk.readSync(offset, new Uint8Array(length)))).toBe("VMGS_DISK_RANGE");
  });

  test("never reads or writes the footer of its container", async () => {
    const image = await goldenImage("provisioned-empty");
    const disk = openMemoryDisk(image.slice());
    expect(disk.byteLength).toBe(image.length - 512);
    expect(await codeOf(() => disk.read(image.length - 512, new Uint8Array(1)))).toBe("VMGS_DISK_RANGE");
    expect(await codeOf(() => disk.write(image.length - 512, new Uint8Array(512)))).toBe("VMGS_DISK_RANGE");
  });
});

describe("a disk over a Blob", () => {
  test("reads what a disk in memory reads", async () => {
    const image = await goldenImage("real-vm-plain");
    const disk = await openDisk(blobSource(new Blob([image])));
    const memory = openMemoryDisk(image);
    expect(disk.byteLength).toBe(memory.byteLength);
    expect(disk.container.footerBytes).toEqual(memory.container.footerBytes);
    for (const [offset, length] of [
      [0, 0],
      [5, 10],
      [4096, 4096],
      [disk.byteLength - 1, 1],
    ] as const) {
      const [ours, theirs] = [new Uint8Array(length), new Uint8Array(length)];
      await disk.read(offset, ours);
      await memory.read(offset, theirs);
      expect(ours).toEqual(theirs);
    }
    const store = await openStore(disk);
    expect((await store.readMarker())?.marker.provisioner).toBe("openhcl");
  });

  test("copies a large range in pieces, without a gap", async () => {
    const image = patterned((1 << 20) * 2 + 4608, 3);
    const disk = await openDisk(blobSource(new Blob([image])), RAW);
    const into = new Uint8Array(image.length - 1);
    await disk.read(1, into);
    expect(firstDifference(into, image.subarray(1))).toBeNull();
  });

  test("asks only for the ranges that it needs", async () => {
    const blob = new Blob([await goldenImage("large-32mib")]);
    const asked: [number, number][] = [];
    const slice = blob.slice.bind(blob);
    blob.slice = (start = 0, end = blob.size, type = "") => {
      asked.push([start, end - start]);
      return slice(start, end, type);
    };
    const store = await openStore(await openDisk(blobSource(blob)));
    await store.readMarker();
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(asked.reduce((sum, [, length]) => sum + length, 0)).toBeLessThanOrEqual(16_384);
  });

  test("has no way to be written", async () => {
    const disk: Disk & Partial<WritableDisk> = await openDisk(
      blobSource(new Blob([new Uint8Array(8192)])),
      RAW,
    );
    expect(disk.write).toBeUndefined();
    expect(disk.flush).toBeUndefined();
  });

  test("refuses to read past its end", async () => {
    const disk = await openDisk(blobSource(new Blob([new Uint8Array(8192)])), RAW);
    expect(await codeOf(() => disk.read(8191, new Uint8Array(2)))).toBe("VMGS_DISK_RANGE");
  });

  test("refuses what a file is refused for", async () => {
    expect(await codeOf(() => openDisk(blobSource(new Blob([]))))).toBe("VMGS_DISK_EMPTY");
    expect(await codeOf(() => openDisk(blobSource(new Blob([new Uint8Array(511)]))))).toBe("VMGS_DISK_SIZE");
    expect(await codeOf(() => openDisk(blobSource(new Blob([new Uint8Array(8192)]))))).toBe(
      "VMGS_VHD_FOOTER_MISSING",
    );
  });

  test("whose file was changed or removed says so", async () => {
    const blob = new Blob([new Uint8Array(8192)]);
    const disk = await openDisk(blobSource(blob), RAW);
    const cause = new DOMException("gone", "NotReadableError");
    blob.slice = () => ({ arrayBuffer: () => Promise.reject(cause) }) as unknown as Blob;
    const error = await errorOf(() => disk.read(0, new Uint8Array(512)));
    expect(error.code).toBe("VMGS_IO");
    expect(error.cause).toBe(cause);
    expect(error.message).toMatch(/changed or removed/);
  });
});
