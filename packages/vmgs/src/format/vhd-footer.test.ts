/** The footer of a fixed VHD. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../test/expect-error.ts";
import { decode, encode, hexNumber, picture, problems, toHex } from "../layout/index.ts";
import {
  hasVhdCookie,
  makeVhdFooter,
  readVhdFooter,
  VHD_FOOTER_SIZE,
  type VhdFooter,
  vhdChecksum,
  vhdFooter,
  vhdGeometry,
  vhdTime,
} from "./index.ts";

const uniqueId = Uint8Array.from({ length: 16 }, (_, i) => i);
const FILE_BYTES = 4_194_304 + 512;

/** What the reference writes for 4 MiB: no time stamp, no creator, no geometry. */
const reference: VhdFooter = {
  cookie: "conectix",
  features: 2,
  formatVersion: 0x0001_0000,
  dataOffset: 0xffff_ffff_ffff_ffffn,
  timeStamp: 0,
  creatorApplication: "\0\0\0\0",
  creatorVersion: 0x000a_0000,
  creatorHostOs: "\0\0\0\0",
  originalSize: 4_194_304n,
  currentSize: 4_194_304n,
  cylinders: 0,
  heads: 0,
  sectorsPerTrack: 0,
  diskType: 2,
  checksum: 0,
  uniqueId,
  savedState: 0,
  reserved: new Uint8Array(427),
};

/** The reference's footer with fields changed, and its checksum right. */
function footerWith(change: Partial<VhdFooter>): Uint8Array {
  const value = { ...reference, ...change };
  return encode(vhdFooter, { ...value, checksum: vhdChecksum(encode(vhdFooter, value)) });
}

test("the reference's footer for 4 MiB has the checksum of the specification", () => {
  expect(hexNumber(vhdChecksum(encode(vhdFooter, reference)))).toBe("0xfffff3a3");
  const footer = readVhdFooter(footerWith({}), FILE_BYTES);
  expect(footer.currentSize).toBe(4_194_304n);
});

test("fields lie where the layout table says, big-endian", () => {
  expect(vhdFooter.offsets).toEqual({
    cookie: 0,
    features: 8,
    formatVersion: 12,
    dataOffset: 16,
    timeStamp: 24,
    creatorApplication: 28,
    creatorVersion: 32,
    creatorHostOs: 36,
    originalSize: 40,
    currentSize: 48,
    cylinders: 56,
    heads: 58,
    sectorsPerTrack: 59,
    diskType: 60,
    checksum: 64,
    uniqueId: 68,
    savedState: 84,
    reserved: 85,
  });
  expect(vhdFooter.size).toBe(VHD_FOOTER_SIZE);
  expect(toHex(footerWith({}).subarray(40, 56))).toBe("00000000004000000000000000400000");
});

describe("a new footer", () => {
  const bytes = makeVhdFooter({
    diskBytes: 4_194_304,
    uniqueId,
    created: new Date("2026-01-02T03:04:05.678Z"),
  });
  const footer = decode(vhdFooter, bytes);

  test("is filled as the VHD specification says", () => {
    expect(bytes.length).toBe(512);
    expect({ ...footer, reserved: toHex(footer.reserved), uniqueId: toHex(footer.uniqueId) }).toEqual({
      ...reference,
      timeStamp: 820_638_245,
      creatorApplication: "win ",
      creatorHostOs: "Wi2k",
      cylinders: 120,
      heads: 4,
      sectorsPerTrack: 17,
      checksum: vhdChecksum(bytes),
      uniqueId: toHex(uniqueId),
      reserved: "00".repeat(427),
    });
    expect(vhdTime(footer.timeStamp)).toBe("2026-01-02T03:04:05.000Z");
  });

  test("is accepted by our reader, and reports nothing", () => {
    expect(readVhdFooter(bytes, FILE_BYTES).uniqueId).toEqual(uniqueId);
    expect(problems(vhdFooter, footer)).toEqual([]);
  });

  test("keeps within the 32 bits of its time stamp", () => {
    const stamp = (created: string) =>
      decode(vhdFooter, makeVhdFooter({ diskBytes: 4096, uniqueId, created: new Date(created) })).timeStamp;
    expect(stamp("1999-12-31T23:59:59Z")).toBe(0);
    expect(stamp("2200-01-01T00:00:00Z")).toBe(0xffff_ffff);
  });
});

test("a time stamp that was not set is no time", () => {
  expect(vhdTime(0)).toBeNull();
  const row = picture(vhdFooter, footerWith({})).rows.find(({ path }) => path === "timeStamp");
  expect(row?.words).toBe("not set");
});

describe("the geometry follows the algorithm of the VHD specification", () => {
  test.each([
    ["4 MiB", 8192, 120, 4, 17],
    ["the largest with 17 sectors and 4 heads", 4 * 1024 * 17 - 1, 1023, 4, 17],
    ["tracks that fill the heads exactly", 4 * 1024 * 17, 140, 16, 31],
    ["one more track, and so one more head", (4 * 1024 + 1) * 17, 819, 5, 17],
    ["the largest with 17 sectors", 16 * 1024 * 17 - 1, 1023, 16, 17],
    ["the smallest with 31 sectors", 16 * 1024 * 17, 561, 16, 31],
    ["the smallest with 63 sectors", 16 * 1024 * 31, 503, 16, 63],
    ["the largest with 63 sectors", 65_535 * 16 * 63 - 1, 65_534, 16, 63],
    ["the smallest with 255 sectors", 65_535 * 16 * 63, 16_191, 16, 255],
    ["the largest", 65_535 * 16 * 255, 65_535, 16, 255],
    ["above the largest", 2 ** 35, 65_535, 16, 255],
  ])("%s (%i sectors)", (_, sectors, cylinders, heads, sectorsPerTrack) => {
    expect(vhdGeometry(sectors)).toEqual({ cylinders, heads, sectorsPerTrack });
  });

  test("never tells more sectors than there are, and always fits its fields", () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 65_535 * 16 * 255 }), (sectors) => {
        const { cylinders, heads, sectorsPerTrack } = vhdGeometry(sectors);
        expect(cylinders * heads * sectorsPerTrack).toBeLessThanOrEqual(sectors);
        expect(cylinders).toBeLessThanOrEqual(65_535);
        expect(heads).toBeLessThanOrEqual(16);
        expect([17, 31, 63, 255]).toContain(sectorsPerTrack);
      }),
    );
  });
});

describe("a footer is refused, each with its own error and place,", () => {
  test.each<[string, Partial<VhdFooter>, string, RegExp, number]>([
    ["for another version", { formatVersion: 0x0002_0000 }, "VMGS_VHD_VERSION", /0x00020000/, 12],
    ["for a dynamic disk", { diskType: 3 }, "VMGS_VHD_NOT_FIXED", /is dynamic, not fixed/, 60],
    ["for a differencing disk", { diskType: 4 }, "VMGS_VHD_NOT_FIXED", /is differencing, not fixed/, 60],
    ["for an unknown type", { diskType: 9 }, "VMGS_VHD_NOT_FIXED", /of type 9, not fixed/, 60],
    ["for more bytes than the file has", { currentSize: 4_194_816n }, "VMGS_VHD_SIZE", /4194304 before/, 48],
    ["for 2^64 - 1 bytes", { currentSize: 2n ** 64n - 1n }, "VMGS_VHD_SIZE", /18446744073709551615/, 48],
    [
      "for a size of no whole sectors",
      { currentSize: 4_194_303n },
      "VMGS_VHD_SIZE",
      /not a multiple of 512/,
      48,
    ],
  ])("%s", async (_, change, code, message, offset) => {
    const error = await errorOf(() => readVhdFooter(footerWith(change), FILE_BYTES));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.facts.offset).toBe(4_194_304 + offset);
  });

  test("for any flipped bit outside the cookie", async () => {
    const bytes = footerWith({});
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 64, max: 512 * 8 - 1 }), async (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const error = await errorOf(() => readVhdFooter(flipped, FILE_BYTES));
        expect(error.code).toBe("VMGS_VHD_CHECKSUM");
      }),
    );
  });
});

test("a footer that tells less than the file holds is accepted: the disk ends there", () => {
  expect(readVhdFooter(footerWith({ currentSize: 8192n }), FILE_BYTES).currentSize).toBe(8192n);
});

test("a cookie is told from other bytes", () => {
  expect(hasVhdCookie(footerWith({}))).toBe(true);
  expect(hasVhdCookie(footerWith({ cookie: "conectiX" }))).toBe(false);
  expect(hasVhdCookie(new Uint8Array(4))).toBe(false);
});
