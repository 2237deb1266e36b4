import { describe, expect, test } from "vitest";
import {
  array,
  bits,
  bytes,
  decode,
  encode,
  field,
  fromHex,
  LayoutError,
  picture,
  problemFinder,
  problems,
  sized,
  struct,
  toHex,
  u8,
  u16,
  u16be,
  u32,
} from "./index.ts";

const part = struct("part", {
  size: field(u16, "bytes"),
  secret: field(bytes(2), "a key", { secret: true }),
});
const whole = struct("whole", {
  kind: field(u8, "1 or 2", {
    rule: (value) => (value > 2 ? `is ${value}` : undefined),
    words: (value) => `kind ${value}`,
  }),
  parts: field(array(part, 2), "two parts"),
  name: field(sized(u16be), "a name"),
  after: field(u32, "behind a variable field"),
});
const value = {
  kind: 1,
  parts: [
    { size: 2, secret: Uint8Array.of(0xaa, 0xbb) },
    { size: 3, secret: Uint8Array.of(0xcc, 0xdd) },
  ],
  name: Uint8Array.of(0x41, 0x42),
  after: 7,
};
const image = "01" + "0200aabb" + "0300ccdd" + "00024142" + "07000000";

describe("a declared structure", () => {
  test("encodes field by field and decodes to the same value", () => {
    expect(toHex(encode(whole, value))).toBe(image);
    expect(decode(whole, encode(whole, value))).toEqual(value);
  });

  test("knows its size and offsets as far as they are fixed", () => {
    expect(part.size).toBe(4);
    expect(whole.size).toBeUndefined();
    expect(whole.offsets.parts).toBe(1);
    expect(whole.offsets.after).toBeNaN();
  });

  test("draws a picture of its bytes, without the secrets", () => {
    const { rows, error } = picture(whole, fromHex(image) as Uint8Array, 100);
    expect(error).toBeNull();
    expect(rows.map(({ offset, size, path }) => [offset, size, path])).toEqual([
      [100, 1, "kind"],
      [101, 2, "parts[0].size"],
      [103, 2, "parts[0].secret"],
      [105, 2, "parts[1].size"],
      [107, 2, "parts[1].secret"],
      [109, 4, "name"],
      [113, 4, "after"],
    ]);
    expect(rows[0]).toMatchObject({ hex: "01", words: "kind 1", type: "u8" });
    expect(JSON.stringify(rows)).not.toMatch(/aabb|ccdd/);
    expect(JSON.stringify(whole.toJson(value))).not.toMatch(/aabb|ccdd/);
  });

  test("shows what it could read of bytes that end early, and where it stopped", () => {
    const { rows, error } = picture(whole, (fromHex(image) as Uint8Array).subarray(0, 8));
    expect(rows.map(({ path }) => path)).toEqual([
      "kind",
      "parts[0].size",
      "parts[0].secret",
      "parts[1].size",
    ]);
    expect(error?.message).toBe("parts[1].secret: needs 2 bytes, 1 are left");
    expect(error?.facts.offset).toBe(7);
  });

  test("names the field that a value does not fit", () => {
    expect(() => encode(whole, { ...value, kind: 256 })).toThrow(/^kind: 256 is not a u8$/);
    expect(() => encode(part, { size: 1, secret: new Uint8Array(3) })).toThrow(LayoutError);
  });

  test("tells what its rules find, with level and offset", () => {
    expect(problems(whole, { ...value, kind: 3 })).toEqual([
      { field: "kind", offset: 0, level: "refuse", message: "is 3" },
    ]);
    expect(problems(whole, value)).toEqual([]);
  });

  test("tells the same of bytes in place", () => {
    for (const kind of [value.kind, 3]) {
      const behind = Uint8Array.of(9, ...encode(whole, { ...value, kind }));
      expect(problemFinder(whole)(behind, 1)).toEqual(problems(whole, { ...value, kind }));
    }
  });
});

test("bits are named, combined and told in words", () => {
  const flags = bits({ high: 31, low: 0 });
  expect(flags.of("low", "high")).toBe(0x80000001);
  expect(flags.words(0x80000003)).toBe("low | high | 0x2");
  expect(flags.words(0)).toBe("none");
});
