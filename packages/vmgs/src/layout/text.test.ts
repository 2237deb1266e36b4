import { expect, test } from "vitest";
import { asciiz, decode, encode, field, picture, struct, toHex, u16, ucs2z, untilEnd } from "./index.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("UCS-2 text ends at its first NUL and keeps what is no Unicode", () => {
  expect(decode(ucs2z, bytes(0x41, 0, 0x00, 0xd8, 0, 0, 0x42, 0))).toBe("A\ud800");
  expect(toHex(encode(ucs2z, "A\ud800"))).toBe("410000d80000");
  expect(() => decode(ucs2z, bytes(0x41, 0, 0x42))).toThrow(/does not end with a NUL/);
  expect(() => encode(ucs2z, "a\0b")).toThrow(/holds a NUL/);
});

test("ASCII text ends at its first NUL and keeps every byte", () => {
  expect(decode(asciiz, bytes(0x41, 0xff, 0, 0x42))).toBe("A\u00ff");
  expect(toHex(encode(asciiz, "A\u00ff"))).toBe("41ff00");
  expect(() => decode(asciiz, bytes(0x41))).toThrow(/does not end with a NUL/);
  expect(() => encode(asciiz, "\u0100")).toThrow(/not ASCII/);
});

test("elements up to the end take all that is left, and no half ones", () => {
  const order = struct("order", { numbers: field(untilEnd(u16), "numbers") });
  expect(decode(order, bytes(1, 0, 2, 0)).numbers).toEqual([1, 2]);
  expect(decode(order, bytes()).numbers).toEqual([]);
  expect(toHex(encode(order, { numbers: [1, 2] }))).toBe("01000200");
  expect(() => decode(order, bytes(1, 0, 2))).toThrow(/^numbers\[1\]: needs 2 bytes, 1 are left$/);
  expect(picture(order, bytes(1, 0, 2, 0)).rows.map(({ path }) => path)).toEqual([
    "numbers[0]",
    "numbers[1]",
  ]);
});
