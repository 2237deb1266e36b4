/** The header: worked values of the specification, and what makes a header unusable. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, fromHex, hexNumber, picture, problems, toHex } from "../layout/index.ts";
import {
  crc32,
  emptyKeySlot,
  encodeHeader,
  HEADER_SIZE,
  type Header,
  header,
  headerChecksum,
  headerOffset,
  isEmptyKeySlot,
  metadataKeySlot,
  nextSequence,
  otherSlot,
  readHeader,
} from "./index.ts";

const first: Omit<Header, "checksum"> = {
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
};

/** A header with one field changed and the checksum put right. */
const changed = (change: Partial<Header>) => encodeHeader({ ...first, ...change });

test("CRC-32 is the one of zlib", () => {
  const check = new TextEncoder().encode("123456789");
  expect(hexNumber(crc32(check))).toBe("0xcbf43926");
  expect(crc32(new Uint8Array(0))).toBe(0);
  expect(crc32(check.subarray(4), crc32(check.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32(check, 0, 2, 5)).toBe(crc32(check.subarray(2, 5)));
});

describe("the worked values of the specification", () => {
  test("the first header of every store", () => {
    const bytes = encodeHeader(first);
    expect(bytes.length).toBe(HEADER_SIZE);
    expect(toHex(bytes.subarray(0, 32))).toBe(
      "47554553545254530000030028ed2e6d01000000a80000000200000001000000",
    );
    expect(toHex(bytes.subarray(32))).toBe("00".repeat(136));
  });

  test.each([
    [1, 2, "0x6d2eed28"],
    [2, 4, "0xd186bd34"],
    [3, 2, "0x9612400b"],
  ])("sequence %i with the table at block %i has its checksum", (sequence, fileTableOffset, checksum) => {
    const bytes = encodeHeader({ ...first, sequence, fileTableOffset });
    expect(hexNumber(decode(header, bytes).checksum)).toBe(checksum);
    expect(hexNumber(headerChecksum(bytes))).toBe(checksum);
    expect(readHeader(bytes, 0).problem).toBeNull();
  });

  test("fields lie where the layout table says", () => {
    expect(header.size).toBe(168);
    expect(header.offsets).toEqual({
      signature: 0,
      version: 8,
      checksum: 12,
      sequence: 16,
      headerSize: 20,
      fileTableOffset: 24,
      fileTableSize: 28,
      encryptionAlgorithm: 32,
      markers: 34,
      metadataKeys: 36,
      reserved: 164,
    });
    expect(metadataKeySlot.offsets).toEqual({
      nonce: 0,
      reserved: 12,
      authenticationTag: 16,
      encryptedMetadataKey: 32,
    });
    expect(metadataKeySlot.size).toBe(64);
  });
});

test("the second copy lies one sector behind the first", () => {
  expect([headerOffset(0, 512), headerOffset(1, 512)]).toEqual([0, 512]);
  expect([headerOffset(0, 4096), headerOffset(1, 4096)]).toEqual([0, 4096]);
  expect([otherSlot(0), otherSlot(1)]).toEqual([1, 0]);
});

test("the sequence number wraps at 2^32", () => {
  expect(nextSequence(0xffff_fffe)).toBe(0xffff_ffff);
  expect(nextSequence(0xffff_ffff)).toBe(0);
});

describe("a header is refused, naming field, code and place,", () => {
  test.each<[string, Partial<Header>, string, RegExp, number]>([
    ["for another signature", { signature: "GUESTRTX" }, "VMGS_HEADER", /^signature is not GUESTRTS$/, 0],
    [
      "for version 2.0",
      { version: 0x00020000 },
      "VMGS_VERSION_UNSUPPORTED",
      /^version is 2\.0, not 3\.0$/,
      8,
    ],
    ["for version 3.1", { version: 0x00030001 }, "VMGS_VERSION_UNSUPPORTED", /is 3\.1, not 3\.0/, 8],
    ["for stray version bits", { version: 0x01030000 }, "VMGS_VERSION_UNSUPPORTED", /0x01030000/, 8],
    ["for another size", { headerSize: 512 }, "VMGS_HEADER", /^headerSize is 512, not 168$/, 20],
    ["for a table in block 1", { fileTableOffset: 1 }, "VMGS_HEADER", /^fileTableOffset is block 1/, 24],
    ["for a table of two blocks", { fileTableSize: 2 }, "VMGS_HEADER", /^fileTableSize is 2, not 1$/, 28],
    ["for an unknown algorithm", { encryptionAlgorithm: 2 }, "VMGS_HEADER", /^encryptionAlgorithm is 2/, 32],
  ])("%s", (_, change, code, message, offset) => {
    const { problem } = readHeader(changed(change), 0);
    expect(problem).toMatchObject({ code, offset });
    expect(problem?.message).toMatch(message);
  });

  test("for a wrong checksum, which is judged last", () => {
    const bytes = changed({});
    bytes[100] = 1;
    expect(readHeader(bytes, 0).problem).toMatchObject({ code: "VMGS_HEADER_CHECKSUM", offset: 12 });
    bytes[24] = 0;
    expect(readHeader(bytes, 0).problem).toMatchObject({ code: "VMGS_HEADER", offset: 24 });
  });

  test("for any single bit that is flipped", () => {
    const bytes = changed({ sequence: 7, markers: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 168 * 8 - 1 }), (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(readHeader(flipped, 0).problem).not.toBeNull();
      }),
    );
  });

  test("as blank when all of it is zero, and only then", () => {
    const zeros = new Uint8Array(168);
    expect(readHeader(zeros, 1)).toMatchObject({ slot: 1, blank: true, problem: { message: "is blank" } });
    zeros[167] = 1;
    expect(readHeader(zeros, 1)).toMatchObject({ blank: false, problem: { offset: 0 } });
  });
});

test("reserved bits and bytes are reported and do not make a header unusable", () => {
  const bytes = changed({ markers: 0x8002, reserved: 5 });
  expect(readHeader(bytes, 0).problem).toBeNull();
  expect(problems(header, decode(header, bytes)).map(({ field, level }) => [field, level])).toEqual([
    ["markers", "report"],
    ["reserved", "report"],
  ]);
});

test("a header is read where it lies, among other bytes", () => {
  const around = new Uint8Array(1000).fill(0xee);
  around.set(changed({ sequence: 9 }), 321);
  const reading = readHeader(around, 1, 321);
  expect(reading.problem).toBeNull();
  expect(reading.header.sequence).toBe(9);
});

test("any 168 bytes are judged without a crash", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 168, maxLength: 168 }), (bytes) => {
      const { blank, problem } = readHeader(bytes, 0);
      expect(problem).not.toBeNull();
      expect(blank).toBe(bytes.every((byte) => byte === 0));
    }),
  );
});

test("a key slot is empty when its key bytes are zero, whatever else it holds", () => {
  expect(isEmptyKeySlot(emptyKeySlot)).toBe(true);
  expect(isEmptyKeySlot({ ...emptyKeySlot, nonce: new Uint8Array(12).fill(1) })).toBe(true);
  const used = { ...emptyKeySlot, encryptedMetadataKey: new Uint8Array(32) };
  used.encryptedMetadataKey[31] = 1;
  expect(isEmptyKeySlot(used)).toBe(false);
});

test("the picture names versions, algorithms and markers", () => {
  const { rows } = picture(header, changed({ encryptionAlgorithm: 1, markers: 1 }), 512);
  const words = Object.fromEntries(rows.map(({ path, words: text }) => [path, text]));
  expect(words).toMatchObject({
    version: "3.0",
    encryptionAlgorithm: "AES-256-GCM",
    markers: "reprovisioned",
  });
  expect(rows[0]?.offset).toBe(512);
  expect(rows.map(({ path }) => path)).toContain("metadataKeys[1].encryptedMetadataKey");
  expect(rows.reduce((sum, { size }) => sum + size, 0)).toBe(168);
});

test("the JSON form has every field, bytes as hex", () => {
  const json = header.toJson(decode(header, encode(header, { ...first, checksum: 5 })));
  expect(json).toMatchObject({ signature: "GUESTRTS", checksum: 5, sequence: 1, fileTableOffset: 2 });
  expect(fromHex((json as { metadataKeys: { nonce: string }[] }).metadataKeys[0]?.nonce ?? "x")).toEqual(
    new Uint8Array(12),
  );
});
