import { describe, expect, test } from "vitest";
import { decode, picture, problems, toHex } from "../layout/index.ts";
import {
  BLOCK_SIZE,
  blockCapacity,
  blocksFor,
  DEFAULT_STORE_BYTES,
  extendedFileTableEntry,
  fileAttributes,
  fileTableEntry,
  isSealed,
  MAX_STORE_BYTES,
} from "./index.ts";

test("fields of the file table entry lie where the layout table says", () => {
  expect(fileTableEntry.offsets).toEqual({
    offset: 0,
    allocationSize: 4,
    validDataSize: 8,
    nonce: 16,
    authenticationTag: 28,
    attributes: 44,
    reserved: 48,
  });
  expect(extendedFileTableEntry.offsets).toEqual({ attributes: 0, encryptionKey: 4, reserved: 36 });
});

test("attributes are named, and either bit means that the content is sealed", () => {
  expect(fileAttributes.of("encrypted", "authenticated")).toBe(3);
  expect([0, 1, 2, 3, 4].map(isSealed)).toEqual([false, true, true, true, false]);
  const bytes = new Uint8Array(64);
  bytes[44] = 0x83;
  const entry = decode(fileTableEntry, bytes);
  expect(problems(fileTableEntry, entry)).toEqual([
    { field: "attributes", offset: 44, level: "report", message: "has unknown bits: 0x83" },
  ]);
  const row = picture(fileTableEntry, bytes).rows.find(({ path }) => path === "attributes");
  expect(row?.words).toBe("encrypted | authenticated | 0x80");
});

test("reserved bytes of an entry are reported", () => {
  const bytes = new Uint8Array(64).fill(0, 0, 63);
  bytes[63] = 1;
  expect(problems(fileTableEntry, decode(fileTableEntry, bytes)).map(({ field }) => field)).toEqual([
    "reserved",
  ]);
  expect(
    problems(extendedFileTableEntry, decode(extendedFileTableEntry, bytes)).map(({ field }) => field),
  ).toEqual(["reserved"]);
});

describe("sizes", () => {
  test("a disk's capacity counts whole blocks, and ends at 2^44 bytes", () => {
    expect(blockCapacity(DEFAULT_STORE_BYTES)).toBe(1024);
    expect(blockCapacity(5 * BLOCK_SIZE - 512)).toBe(4);
    expect(blockCapacity(0)).toBe(0);
    expect(blockCapacity(MAX_STORE_BYTES)).toBe(2 ** 32);
    expect(blockCapacity(MAX_STORE_BYTES * 2)).toBe(2 ** 32);
  });

  test("a file owns at least one block", () => {
    expect([0, 1, 4095, 4096, 4097, 8192].map(blocksFor)).toEqual([1, 1, 1, 1, 2, 2]);
  });

  test("a valid size above 2^53 is told exactly", () => {
    const bytes = new Uint8Array(64);
    bytes.set([1, 0, 0, 0, 0, 0, 0, 0x80], 8);
    const { validDataSize } = decode(fileTableEntry, bytes);
    expect(validDataSize).toBe(2n ** 63n + 1n);
    expect(fileTableEntry.toJson(decode(fileTableEntry, bytes))).toMatchObject({
      validDataSize: "9223372036854775809",
      nonce: toHex(new Uint8Array(12)),
    });
  });
});
