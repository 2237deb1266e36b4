import { describe, expect, test } from "vitest";
import {
  decode,
  decodeExactly,
  encode,
  field,
  fromHex,
  LayoutError,
  list,
  picture,
  sized,
  sizedValue,
  struct,
  tagged,
  toHex,
  u8,
  u16be,
  u32be,
  untilEnd,
} from "./index.ts";

const circle = struct("circle", { radius: field(u8, "radius") });
const box = struct("box", { width: field(u8, "width"), height: field(u8, "height") });
const shape = tagged("shape", u16be, {
  CIRCLE: [1, circle],
  BOX: [2, box],
  NOTHING: [0, struct("none", {})],
});
const bytes = (hex: string) => fromHex(hex) as Uint8Array;

describe("a counted list", () => {
  const codec = list(u32be, u16be, 3);

  test("keeps its count and its elements", () => {
    expect(toHex(encode(codec, [1, 2]))).toBe("0000000200010002");
    expect(decode(codec, bytes("0000000200010002"))).toEqual([1, 2]);
  });

  test("refuses a count above its limit before it reads or writes elements", () => {
    expect(() => decode(codec, bytes("ffffffff"))).toThrow(/limit of 3/);
    expect(() => encode(codec, [1, 2, 3, 4])).toThrow(/limit of 3/);
  });

  test("names the element that is missing", () => {
    expect(() => decode(codec, bytes("000000020001"))).toThrow(/^\[1\]: needs 2 bytes, 0 are left$/);
  });
});

describe("elements to the end", () => {
  test("take what is there", () => {
    expect(decode(untilEnd(u16be), bytes("00010002"))).toEqual([1, 2]);
    expect(decode(untilEnd(u16be), bytes(""))).toEqual([]);
    expect(toHex(encode(untilEnd(u16be), [3]))).toBe("0003");
  });

  test("never go on for ever over elements without bytes", () => {
    expect(() => decode(untilEnd(struct("empty", {})), bytes("00"))).toThrow(LayoutError);
  });
});

describe("a sized value", () => {
  const codec = sizedValue(u16be, box);

  test("takes exactly its size", () => {
    expect(toHex(encode(codec, { width: 1, height: 2 }))).toBe("00020102");
    expect(decode(codec, bytes("00020102"))).toEqual({ width: 1, height: 2 });
    expect(() => decode(codec, bytes("00010102"))).toThrow(/needs 1 bytes, 0 are left/);
    expect(() => decode(codec, bytes("0003010203"))).toThrow(/1 bytes are left after the value/);
    expect(() => decode(codec, bytes("00030102"))).toThrow(/needs 3 bytes/);
  });
});

describe("a tagged value", () => {
  test("has the shape that its tag says", () => {
    expect(decode(shape, bytes("000107"))).toEqual({ kind: "CIRCLE", radius: 7 });
    expect(decode(shape, bytes("0000"))).toEqual({ kind: "NOTHING" });
    expect(toHex(encode(shape, { kind: "BOX", width: 1, height: 2 }))).toBe("00020102");
    expect(shape.toJson({ kind: "CIRCLE", radius: 7 })).toEqual({ kind: "CIRCLE", radius: 7 });
  });

  test("is refused when the tag is unknown", () => {
    expect(() => decode(shape, bytes("0009"))).toThrow(/0x9 is not a known shape/);
  });
});

test("a picture covers every byte of sizes, counts and tags", () => {
  const drawing = struct("drawing", {
    shapes: field(sizedValue(u16be, list(u8, shape, 4)), "shapes"),
    name: field(sized(u8), "name"),
  });
  const image = encode(drawing, {
    shapes: [
      { kind: "CIRCLE", radius: 7 },
      { kind: "BOX", width: 1, height: 2 },
    ],
    name: bytes("41"),
  });
  const { rows, error } = picture(drawing, image);
  expect(error).toBeNull();
  expect(rows.map(({ path }) => path)).toEqual([
    "shapes.size",
    "shapes.count",
    "shapes[0].tag",
    "shapes[0].radius",
    "shapes[1].tag",
    "shapes[1].width",
    "shapes[1].height",
    "name",
  ]);
  let offset = 0;
  for (const row of rows) {
    expect(row.offset).toBe(offset);
    offset += row.size;
  }
  expect(offset).toBe(image.length);
});

test("bytes behind a value are refused when it must be all", () => {
  expect(decodeExactly(box, bytes("0102"))).toEqual({ width: 1, height: 2 });
  expect(() => decodeExactly(box, bytes("010203"))).toThrow(/1 bytes are left/);
});
