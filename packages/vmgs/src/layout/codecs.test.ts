/** The leaf codecs: what they accept, how they lie in bytes, and what they refuse. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  array,
  ascii,
  bytes,
  type Codec,
  decode,
  encode,
  field,
  fieldReaders,
  fromHex,
  guid,
  hexNumber,
  i16,
  LayoutError,
  picture,
  rest,
  Sink,
  sized,
  sizedBuffer,
  struct,
  toHex,
  u8,
  u16,
  u16be,
  u32,
  u32be,
  u64,
  u64be,
} from "./index.ts";

const unsigned = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const bigUnsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const asciiText = (size: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0x7f }), { minLength: size, maxLength: size })
    .map((codes) => String.fromCharCode(...codes));
const byteArray = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const guidText = fc.uuid({ version: [1, 4, 7] });

function roundTrips<T>(codec: Codec<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, byteArray(0, 8), (value, behind) => {
      const image = encode(codec, value);
      if (codec.size !== undefined) expect(image.length).toBe(codec.size);
      expect(decode(codec, image)).toEqual(value);
      if (codec !== (rest as Codec<unknown>)) {
        const longer = Uint8Array.from([...behind, ...image, ...behind]);
        expect(decode(codec, longer, behind.length)).toEqual(value);
      }
    }),
  );
}

describe("decode(encode(x)) is x", () => {
  test("for integers of every width and order", () => {
    roundTrips(u8, unsigned(8));
    roundTrips(u16, unsigned(16));
    roundTrips(u16be, unsigned(16));
    roundTrips(i16, fc.integer({ min: -32768, max: 32767 }));
    roundTrips(u32, unsigned(32));
    roundTrips(u32be, unsigned(32));
    roundTrips(u64, bigUnsigned);
    roundTrips(u64be, bigUnsigned);
  });

  test("for bytes, text and GUIDs", () => {
    roundTrips(bytes(7), byteArray(7, 7));
    roundTrips(ascii(5), asciiText(5));
    roundTrips(guid, guidText);
    roundTrips(rest, byteArray(0, 600));
    roundTrips(sized(u16be), byteArray(0, 600));
    roundTrips(sizedBuffer(u16, 16), byteArray(0, 16));
    roundTrips(array(u16, 3), fc.array(unsigned(16), { minLength: 3, maxLength: 3 }));
  });
});

test("the order of the bytes is the declared one", () => {
  expect(toHex(encode(u16, 0x1234))).toBe("3412");
  expect(toHex(encode(u16be, 0x1234))).toBe("1234");
  expect(toHex(encode(u32, 0x12345678))).toBe("78563412");
  expect(toHex(encode(u32be, 0x12345678))).toBe("12345678");
  expect(toHex(encode(u64, 1n))).toBe("0100000000000000");
  expect(toHex(encode(u64be, 1n))).toBe("0000000000000001");
  expect(toHex(encode(guid, "00112233-4455-6677-8899-aabbccddeeff"))).toBe(
    "33221100554477668899aabbccddeeff",
  );
  expect(toHex(encode(sized(u16be), Uint8Array.of(7)))).toBe("000107");
  expect(toHex(encode(sizedBuffer(u16be, 4), Uint8Array.of(7)))).toBe("000107000000");
});

test.each<[string, Codec<unknown>, unknown]>([
  ["a number above its range", u8 as Codec<unknown>, 256],
  ["a negative number", u32 as Codec<unknown>, -1],
  ["a fraction", u16 as Codec<unknown>, 1.5],
  ["not a number", u16be as Codec<unknown>, Number.NaN],
  ["a 64-bit value that is negative", u64 as Codec<unknown>, -1n],
  ["a 64-bit value above its range", u64be as Codec<unknown>, 2n ** 64n],
  ["too few bytes", bytes(4) as Codec<unknown>, new Uint8Array(3)],
  ["too many bytes", bytes(4) as Codec<unknown>, new Uint8Array(5)],
  ["text of another length", ascii(4) as Codec<unknown>, "abc"],
  ["text that is not ASCII", ascii(4) as Codec<unknown>, "abc\u00e9"],
  ["text that is no GUID", guid as Codec<unknown>, "00112233-4455-6677-8899-aabbccddeef"],
  ["more bytes than a limit", sized(u16, 3) as Codec<unknown>, new Uint8Array(4)],
  ["more bytes than a length can tell", sized(u8) as Codec<unknown>, new Uint8Array(256)],
  ["more bytes than a buffer holds", sizedBuffer(u16, 3) as Codec<unknown>, new Uint8Array(4)],
  ["another number of elements", array(u8, 2) as Codec<unknown>, [1]],
])("%s is not written", (_, codec, value) => {
  expect(() => encode(codec, value)).toThrow(LayoutError);
});

test.each<[string, Codec<unknown>, string, number]>([
  ["an integer", u32, "010203", 0],
  ["fixed bytes", bytes(4), "010203", 0],
  ["a GUID", guid, "00112233", 0],
  ["bytes behind a length", sized(u16be), "0004010203", 2],
  ["a buffer", sizedBuffer(u16be, 4), "0001010203", 2],
  ["an element of an array", array(u16, 2), "010203", 2],
])("bytes that end within %s are refused where they end", (_, codec, hex, offset) => {
  let error: unknown;
  try {
    decode(codec, fromHex(hex) as Uint8Array);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(LayoutError);
  expect((error as LayoutError).facts.offset).toBe(offset);
});

test("a length above its limit is refused before anything is taken", () => {
  expect(() => decode(sized(u32, 8), fromHex("ffffffff") as Uint8Array)).toThrow(/above the limit of 8/);
  expect(() => decode(sizedBuffer(u16, 2), fromHex("0300aabb") as Uint8Array)).toThrow(/capacity of 2/);
});

test("a decoded value does not change with the bytes it came from", () => {
  const image = Uint8Array.of(2, 1, 2, 3);
  const fixed = decode(bytes(4), image);
  const behindLength = decode(sized(u8), image);
  const all = decode(rest, image);
  image.fill(9);
  expect([fixed, behindLength, all].map(toHex)).toEqual(["02010203", "0102", "02010203"]);
});

test("text with bytes above 0x7f decodes with a replacement character, also after other text", () => {
  const codec = ascii(2);
  expect(decode(codec, Uint8Array.of(0x41, 0x42))).toBe("AB");
  expect(decode(codec, Uint8Array.of(0x41, 0xc2))).toBe("A\ufffd");
  expect(decode(codec, Uint8Array.of(0x41, 0x42))).toBe("AB");
});

test("fields that are read in place are what decoding gives", () => {
  const whole = struct("whole", {
    a: field(u16be, "a"),
    b: field(array(bytes(2), 2), "b"),
    c: field(u64, "c"),
    d: field(sizedBuffer(u8, 3), "d"),
  });
  const read = fieldReaders(whole);
  fc.assert(
    fc.property(byteArray(18, 18), fc.nat(5), (image, at) => {
      image[14] = 2;
      const shifted = new Uint8Array(at + image.length);
      shifted.set(image, at);
      const value = decode(whole, image);
      expect(decode(whole, shifted, at)).toEqual(value);
      expect({ ...value }).toEqual(value);
      expect(read.b(shifted, at)).toEqual(value.b);
      expect(read.d(shifted, at)).toEqual(value.d);
    }),
  );
});

test("a 64-bit value is a number in JSON while that is exact, and text above", () => {
  expect(u64.toJson(2n ** 53n - 1n)).toBe(2 ** 53 - 1);
  expect(u64.toJson(2n ** 53n)).toBe("9007199254740992");
});

test("hex text goes to bytes and back; anything else is no hex", () => {
  fc.assert(
    fc.property(byteArray(0, 40), (value) => {
      expect(fromHex(toHex(value))).toEqual(value);
      expect(fromHex(toHex(value).toUpperCase())).toEqual(value);
    }),
  );
  expect(fromHex("abc")).toBeUndefined();
  expect(fromHex("zz")).toBeUndefined();
  expect(hexNumber(10, 4)).toBe("0x000a");
});

test("a sink grows past its first guess and keeps what it has", () => {
  const sink = new Sink(2);
  sink.append(Uint8Array.of(1, 2, 3));
  sink.at().setUint8(sink.grow(1), 4);
  sink.append(new Uint8Array(100).fill(5));
  expect(toHex(sink.finish())).toBe(`01020304${"05".repeat(100)}`);
});

test("a picture never throws, whatever the bytes", () => {
  const whole = struct("whole", {
    name: field(sized(u16, 20), "name"),
    parts: field(array(u16, 4), "parts"),
    text: field(ascii(3), "text"),
  });
  fc.assert(
    fc.property(byteArray(0, 64), (image) => {
      const { rows, error } = picture(whole, image, 1000);
      let at = 1000;
      for (const { offset, size } of rows) {
        expect(offset).toBe(at);
        at += size;
      }
      expect(at - 1000).toBeLessThanOrEqual(image.length);
      if (error === null) expect(rows.map(({ path }) => path)).toContain("text");
    }),
  );
});
