/** Opening: which header counts, which tables are accepted, and that reading writes nothing. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, goldenStores, patterned } from "../../test/golden-data.ts";
import { eventText, recordingDisk } from "../../test/recording-disk.ts";
import { firstDifference, freshStore, headersOf, stateOn, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, type MemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { emptyKeySlot, encodeHeader, fileTableEntry, type Header } from "../format/index.ts";
import { encode, fromHex } from "../layout/index.ts";
import { openStore, openStoreSync, openWritableStore } from "./index.ts";
import { writableStore } from "./rooms.ts";

const BLOCK = 4096;
const content = (fill: number) => patterned(5000, fill);

const headerValue = (change: Partial<Header> = {}): Omit<Header, "checksum"> => ({
  signature: "GUESTRTS",
  version: 0x00030000,
  sequence: 1,
  headerSize: 168,
  fileTableOffset: 2,
  fileTableSize: 1,
  encryptionAlgorithm: 0,
  markers: 0,
  metadataKeys: [emptyKeySlot, emptyKeySlot],
  reserved: 0,
  ...change,
});

/** A disk with the given headers (null: zeros) and an empty table in block 2. */
function diskWith(first: Partial<Header> | null, second: Partial<Header> | null, blocks = 16): MemoryDisk {
  const disk = createMemoryDisk(blocks * BLOCK);
  if (first !== null) disk.image.set(encodeHeader(headerValue(first)), 0);
  if (second !== null) disk.image.set(encodeHeader(headerValue(second)), 512);
  return disk;
}

interface Entry {
  readonly fileId?: number;
  readonly offset?: number;
  readonly allocationSize?: number;
  readonly validDataSize?: bigint;
  readonly attributes?: number;
}

/** A disk of 16 blocks whose file table holds one entry, for file 3 unless told. */
function diskWithEntry({ fileId = 3, ...entry }: Entry, blocks = 16): MemoryDisk {
  const disk = diskWith({}, null, blocks);
  const value = {
    offset: 4,
    allocationSize: 1,
    validDataSize: 0n,
    nonce: new Uint8Array(12),
    authenticationTag: new Uint8Array(16),
    attributes: 0,
    reserved: new Uint8Array(16),
    ...entry,
  };
  disk.image.set(encode(fileTableEntry, value), 2 * BLOCK + fileId * 64);
  return disk;
}

describe("the active header", () => {
  test("is the valid one whose sequence follows the other's, also across 2^32", () => {
    const sequence = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0xffff_ffff));
    fc.assert(
      fc.property(sequence, fc.constantFrom(0, 1), (older, slot) => {
        const newer = (older + 1) >>> 0;
        const pair = slot === 1 ? [older, newer] : [newer, older];
        const disk = diskWith({ sequence: pair[0] as number }, { sequence: pair[1] as number });
        expect(stateOn(disk).activeSlot).toBe(slot);
        expect(stateOn(disk).header.sequence).toBe(newer);
      }),
    );
  });

  test("can't be told when the sequences are equal or further apart", async () => {
    const sequence = fc.integer({ min: 0, max: 0xffff_ffff });
    await fc.assert(
      fc.asyncProperty(sequence, fc.oneof(sequence, fc.constantFrom(0, 2, 0x8000_0000)), async (a, gap) => {
        fc.pre(gap !== 1 && gap !== 0xffff_ffff);
        const b = (a + gap) >>> 0;
        const error = await errorOf(() => stateOn(diskWith({ sequence: a }, { sequence: b })));
        expect(error.code).toBe("VMGS_SEQUENCE_CONFLICT");
        expect(error.message).toContain(`sequence ${a} and ${b}`);
      }),
    );
  });

  test.each([
    ["blank", null],
    ["of another version", { version: 0x00040000, sequence: 2 }],
    ["of another size", { headerSize: 100, sequence: 2 }],
  ] as const)("is the only valid one when the other is %s, whatever its sequence", (_, other) => {
    expect(stateOn(diskWith({ sequence: 77 }, other)).activeSlot).toBe(0);
    expect(stateOn(diskWith(other, { sequence: 77 })).activeSlot).toBe(1);
  });

  test("is missing when neither is valid, and the reason is told for each", async () => {
    const disk = diskWith({ headerSize: 100 }, { fileTableSize: 2 });
    const error = await errorOf(() => stateOn(disk));
    expect(error.code).toBe("VMGS_NO_VALID_HEADER");
    expect(error.message).toBe(
      "no valid header: header 0: headerSize is 100, not 168; header 1: fileTableSize is 2, not 1",
    );
  });

  test("of version 2.0 in both places, or beside a blank one, is named", async () => {
    const old = { version: 0x00020000 };
    for (const disk of [diskWith(old, old), diskWith(old, null), diskWith(null, old)]) {
      const error = await errorOf(() => stateOn(disk));
      expect(error.code).toBe("VMGS_VERSION_UNSUPPORTED");
      expect(error.message).toContain("version is 2.0, not 3.0");
    }
    const mixed = diskWith(old, { headerSize: 100 });
    expect(await codeOf(() => stateOn(mixed))).toBe("VMGS_NO_VALID_HEADER");
  });
});

describe("a disk that holds no version 3 store", () => {
  test("is empty when both headers are zero, whatever lies behind them", async () => {
    const disk = diskWith(null, null);
    disk.image.fill(0xff, 168, 512);
    disk.image.fill(0xff, 512 + 168);
    expect(await codeOf(() => stateOn(disk))).toBe("VMGS_EMPTY_STORE");
  });

  test("is a version 1 store when it has a GPT, also with a valid header", async () => {
    const disk = diskWith({}, null);
    disk.image.set(new TextEncoder().encode("EFI PART"), 512);
    expect(await codeOf(() => stateOn(disk))).toBe("VMGS_V1_FORMAT");
    const large = createMemoryDisk(16 * BLOCK, 4096);
    large.image.set(new TextEncoder().encode("EFI PART"), 512);
    expect(await codeOf(() => stateOn(large))).toBe("VMGS_V1_FORMAT");
  });

  test("is too small below two blocks", async () => {
    for (const bytes of [512, 4096, 7680]) {
      const error = await errorOf(() => stateOn(createMemoryDisk(bytes)));
      expect(error.code).toBe("VMGS_DISK_TOO_SMALL");
      expect(error.facts).toMatchObject({ bytes, limit: 8192 });
    }
  });

  test("of any bytes is refused with a code, or opens", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 8192, maxLength: 8192 }),
        fc.boolean(),
        async (bytes, signed) => {
          const disk = createMemoryDisk(16 * BLOCK);
          disk.image.set(bytes);
          if (signed) disk.image.set(encodeHeader(headerValue()), 0);
          disk.image.set(bytes.subarray(0, BLOCK), 2 * BLOCK);
          await codeOf(() => stateOn(disk));
        },
      ),
    );
  });
});

describe("the file table", () => {
  test("may lie in the last block, and not behind it", async () => {
    const image = diskWith({ fileTableOffset: 15 }, null);
    expect(stateOn(image).files.size).toBe(0);
    for (const fileTableOffset of [16, 17, 0xffff_ffff]) {
      const error = await errorOf(() => stateOn(diskWith({ fileTableOffset }, null)));
      expect(error.code).toBe("VMGS_FILE_TABLE_OUT_OF_RANGE");
      expect(error.facts).toEqual({ block: fileTableOffset, limit: 16 });
    }
  });

  test("past the end in one header leaves the other to be read as the previous generation", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, content(1));
    const { activeSlot, header } = store.state;
    const broken = { fileTableOffset: 9999, sequence: header.sequence };
    disk.image.set(encodeHeader(headerValue(broken)), activeSlot * 512);
    expect(await codeOf(() => openStore(disk))).toBe("VMGS_FILE_TABLE_OUT_OF_RANGE");
    const before = await openStore(disk, { generation: "previous" });
    expect(headersOf(before.state)).toBe("slot 0, sequence 1, table 2");
  });

  test.each<[string, Entry]>([
    ["ends with the disk", { offset: 15, allocationSize: 1 }],
    ["fills the disk", { offset: 2, allocationSize: 14 }],
    ["has as many bytes as its blocks", { allocationSize: 2, validDataSize: 8192n }],
    [
      "is not allocated, whatever else it says",
      { offset: 0, allocationSize: 0, validDataSize: 2n ** 64n - 1n },
    ],
    ["has a number without a name", { fileId: 12 }],
  ])("is accepted when an entry %s", (_, entry) => {
    const { files } = stateOn(diskWithEntry(entry));
    expect(files.size).toBe(entry.allocationSize === 0 ? 0 : 1);
  });

  test.each<[string, Entry, RegExp]>([
    ["lies in a header block", { offset: 1 }, /offset 1 lies in the header blocks/],
    ["lies in block 0", { offset: 0 }, /offset 0 lies in the header blocks/],
    ["starts behind the disk", { offset: 16 }, /offset 16 \+ 1 blocks is past the end \(16 blocks\)/],
    ["ends behind the disk", { offset: 15, allocationSize: 2 }, /offset 15 \+ 2 blocks is past the end/],
    ["wraps 32 bits", { offset: 4, allocationSize: 0xffff_fffd }, /offset 4 \+ 4294967293 blocks is past/],
    ["starts at the last number there is", { offset: 0xffff_ffff }, /past the end/],
    ["has one byte more than its blocks", { validDataSize: 4097n }, /4097 valid bytes do not fit 1 blocks/],
    ["has 2^63 bytes", { validDataSize: 2n ** 63n }, /do not fit/],
    ["has 2^64 - 1 bytes", { validDataSize: 2n ** 64n - 1n }, /do not fit/],
  ])("is refused when an entry %s", async (_, entry, message) => {
    for (const fileId of [0, 3, 12, 63]) {
      const error = await errorOf(() => stateOn(diskWithEntry({ ...entry, fileId })));
      expect(error.code).toBe("VMGS_CORRUPT_FILE_TABLE");
      expect(error.message).toMatch(new RegExp(`^file table entry ${fileId}: `));
      expect(error.message).toMatch(message);
      expect(error.facts).toMatchObject({ fileId, offset: 2 * BLOCK + fileId * 64 });
    }
  });

  test("counts whole blocks only: half a block at the end of the disk holds nothing", async () => {
    const disk = createMemoryDisk(6 * BLOCK - 512);
    disk.image.set(diskWithEntry({ offset: 5 }).image.subarray(0, disk.image.length));
    expect(await codeOf(() => stateOn(disk))).toBe("VMGS_CORRUPT_FILE_TABLE");
  });

  test("of any bytes is accepted only with files that lie on the disk", () => {
    const numbers = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 0xffff_ffff }));
    fc.assert(
      fc.property(numbers, numbers, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (offset, size, valid) => {
        const disk = diskWithEntry({ offset, allocationSize: size, validDataSize: valid % 90_000n });
        let files: ReturnType<typeof stateOn>["files"];
        try {
          ({ files } = stateOn(disk));
        } catch {
          return;
        }
        for (const { block, blocks, byteLength } of files.values()) {
          expect(block).toBeGreaterThanOrEqual(2);
          expect(block + blocks).toBeLessThanOrEqual(16);
          expect(byteLength).toBeLessThanOrEqual(blocks * BLOCK);
        }
      }),
    );
  });
});

describe("the previous generation", () => {
  test("shows tables and files as they were one transaction before", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, content(1));
    await store.write(18, content(2));
    await store.delete(18);
    const before = await openStore(disk, { generation: "previous" });
    expect(before.state.generation).toBe("previous");
    expect(await before.readFile(18)).toEqual(content(2));
    const sync = openStoreSync(disk, { generation: "previous" });
    expect(sync.readFile(18)).toEqual(content(2));
  });

  test("is not there right after formatting", async () => {
    const { disk } = await freshStore();
    const error = await errorOf(() => openStore(disk, { generation: "previous" }));
    expect(error.code).toBe("VMGS_NO_PREVIOUS_GENERATION");
    expect(error.message).toContain("header 1: is blank");
  });

  test("of an encrypted store is opened by the key of that time", async () => {
    const key = testKey(1);
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(1));
    await store.writeEncrypted(3, content(2));
    const before = await openStore(disk, { generation: "previous", key });
    expect(await before.readFile(3)).toEqual(content(1));
  });

  test("can't be written", async () => {
    const { disk, store } = await freshStore();
    await store.write(18, content(1));
    await store.write(18, content(2));
    const { state } = await openStore(disk, { generation: "previous" });
    const image = disk.image.slice();
    const code = await codeOf(() => writableStore(disk, { state }).write(1, content(3)));
    expect(code).toBe("VMGS_READ_ONLY_STORE");
    expect(firstDifference(disk.image, image)).toBeNull();
  });
});

describe("a damaged store that can still be read", () => {
  test.each([
    ["corrupt-entry-overlap", "VMGS_OVERLAPPING_FILES"],
    ["corrupt-entry-overlaps-table", "VMGS_OVERLAPPING_FILES"],
    ["corrupt-entry-0-missing", "VMGS_INCONSISTENT_FILE_TABLE"],
    ["corrupt-entry-0-elsewhere", "VMGS_INCONSISTENT_FILE_TABLE"],
  ])("%s is read, and every write is refused with %s", async (name, code) => {
    const disk = openMemoryDisk(await goldenImage(name));
    const image = disk.image.slice();
    const store = await openWritableStore(disk);
    const [file] = store.files;
    expect((await store.readFile(file?.id ?? 0)).length).toBe(file?.bytes);
    for (const change of [
      () => store.write(20, content(1)),
      () => store.delete(file?.id ?? 0),
      () => store.addKey(testKey(1)),
      () => store.commit([{ kind: "markReprovisioned", value: true }]),
    ]) {
      expect(await codeOf(change)).toBe(code);
    }
    expect(firstDifference(disk.image, image)).toBeNull();
  });

  test("with the newer header lost continues from the older one", async () => {
    const disk = openMemoryDisk(await goldenImage("corrupt-active-header-checksum"));
    const store = await openWritableStore(disk);
    const { sequence } = store.state.header;
    await store.write(20, content(1));
    expect(stateOn(disk).header.sequence).toBe(sequence + 1);
    expect(await (await openStore(disk)).readFile(20)).toEqual(content(1));
  });

  test("without an extended file table can be written, and gets one with its first key", async () => {
    const disk = openMemoryDisk(await goldenImage("corrupt-entry-63-missing"));
    const store = await openWritableStore(disk);
    await store.write(20, content(1));
    expect(stateOn(disk).files.has(63)).toBe(false);
    await store.addKey(testKey(1));
    expect(stateOn(disk).files.has(63)).toBe(true);
    expect(await (await openStore(disk, { key: testKey(1) })).readFile(20)).toEqual(content(1));
  });
});

describe("reading", () => {
  test.each(goldenStores.filter(({ reference }) => reference.open === "ok").map(({ name }) => name))(
    "%s writes nothing, however it is read",
    async (name) => {
      const golden = goldenStores.find((candidate) => candidate.name === name);
      const options =
        golden?.container === "raw" ? ({ container: "raw", sectorSize: golden.sectorSize } as const) : {};
      const disk = recordingDisk(openMemoryDisk(await goldenImage(name), options));
      await codeOf(async () => {
        for (const open of [openStore, openWritableStore]) {
          const store = await open(disk);
          for (const hex of golden?.keys ?? []) await codeOf(() => store.unlock(fromHex(hex) as Uint8Array));
          for (const { id } of store.files) {
            await codeOf(() => store.readFile(id));
            await store.readRaw(id);
          }
          await codeOf(() => store.readMarker());
        }
      });
      expect(disk.events.length).toBeGreaterThan(0);
      expect(disk.events.filter(({ kind }) => kind !== "read")).toEqual([]);
    },
  );

  test("headers, table and marker of a VHD takes 4 reads and less than 16 KiB, footer included", async () => {
    for (const name of ["provisioned-empty", "real-vm-plain", "large-32mib"]) {
      const image = await goldenImage(name);
      const reads: number[] = [];
      const disk = recordingDisk(openMemoryDisk(image));
      // The footer was read when the disk was opened.
      reads.push(512);
      await (await openStore(disk)).readMarker();
      for (const event of disk.events) if (event.kind === "read") reads.push(event.length);
      expect(reads.length, disk.events.map(eventText).join()).toBeLessThanOrEqual(4);
      expect(reads.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(16_384);
    }
  });

  test("a file larger than a limit is refused before memory is taken", async () => {
    const { store } = await freshStore({ key: testKey(1) });
    await store.write(1, content(1));
    await store.writeEncrypted(3, content(3));
    for (const id of [1, 3]) {
      const error = await errorOf(() => store.readFile(id, { maxBytes: 4999 }));
      expect(error.code).toBe("VMGS_FILE_TOO_LARGE");
      expect(error.facts).toEqual({ fileId: id, bytes: 5000, limit: 4999 });
      expect(await codeOf(() => store.readRaw(id, { maxBytes: 4999 }))).toBe("VMGS_FILE_TOO_LARGE");
      expect((await store.readFile(id, { maxBytes: 5000 })).length).toBe(5000);
    }
  });

  test("a file of 4 GiB is refused by default, and takes no memory", async () => {
    const blocks = 2 ** 20 + 16;
    const image = diskWithEntry({ offset: 4, allocationSize: 2 ** 20, validDataSize: 2n ** 32n }, 16).image;
    const disk = {
      ...createMemoryDisk(16 * BLOCK),
      byteLength: blocks * BLOCK,
      read: async (offset: number, into: Uint8Array) =>
        into.set(image.subarray(offset, offset + into.length)),
    };
    const store = await openStore(disk);
    expect(await codeOf(() => store.readFile(3))).toBe("VMGS_FILE_TOO_LARGE");
  });

  test("a file that is not there is refused", async () => {
    const { store } = await freshStore();
    for (const read of [() => store.readFile(1), () => store.readRaw(1)]) {
      const error = await errorOf(read);
      expect([error.code, error.message]).toEqual([
        "VMGS_FILE_NOT_ALLOCATED",
        "the store has no BIOS_NVRAM (1)",
      ]);
    }
  });

  test("synchronously an encrypted file without a cipher is refused", async () => {
    const key = testKey(1);
    const { disk, store } = await freshStore({ key });
    await store.write(1, content(1));
    const sync = openStoreSync(disk);
    expect(sync.readFile(1)).toEqual(content(1));
    expect(await codeOf(() => sync.unlock(key))).toBe("VMGS_CIPHER_ASYNC");
    expect(await codeOf(() => openStoreSync(disk, { key }))).toBe("VMGS_CIPHER_ASYNC");
  });

  test("a file that is marked as encrypted in a store without encryption says why it can't be", async () => {
    const disk = diskWithEntry({ attributes: 3, validDataSize: 10n });
    const store = await openStore(disk);
    const error = await errorOf(() => store.readFile(3));
    expect(error.code).toBe("VMGS_NEEDS_UNLOCK");
    expect(error.message).toContain("without encryption");
    expect((await store.readRaw(3)).length).toBe(10);
  });
});

describe("a raw image that does not tell its sector size", () => {
  const asRaw = async () => {
    const { disk } = await freshStore();
    return openMemoryDisk(disk.image);
  };

  test("is read, and not opened for writing", async () => {
    const disk = await asRaw();
    expect((await openStore(disk)).files).toEqual([]);
    expect(await codeOf(() => openWritableStore(disk))).toBe("VMGS_SECTOR_SIZE_UNKNOWN");
  });

  test("is opened for writing once it is told", async () => {
    const { image } = await asRaw();
    const store = await openWritableStore(openMemoryDisk(image, { sectorSize: 512 }));
    await store.write(18, content(1));
    expect(openMemoryDisk(image).container.sectorSizeKnown).toBe(true);
  });
});
