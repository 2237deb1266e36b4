/** Writers refuse values of another type, by an error that shows nothing of them. */

import { inspect } from "node:util";
import { expect, test } from "vitest";
import { neverRight, traces, valuesOfEveryType } from "../../test/wrong-values.ts";
import * as structures from "../structures.ts";
import * as tpm from "../tpm/index.ts";
import * as uefi from "../uefi/index.ts";
import { type Codec, encode, LayoutError } from "./index.ts";

const isCodec = (value: unknown): value is Codec<unknown> =>
  typeof value === "object" && value !== null && "encode" in value && "toJson" in value;
const declared = [structures, tpm, uefi].flatMap((door) =>
  Object.entries(door).filter((entry): entry is [string, Codec<unknown>] => isCodec(entry[1])),
);
const { array, ascii, bytes, list, sized, sizedBuffer, sizedValue, tagged, u8, untilEnd } = structures;
const made: [string, Codec<unknown>][] = [
  ["bytes", bytes(22)],
  ["ascii", ascii(4)],
  ["sized", sized(u8)],
  ["sizedBuffer", sizedBuffer(u8, 64)],
  ["array", array(u8, 2)],
  ["list", list(u8, u8, 8)],
  ["untilEnd", untilEnd(u8)],
  ["sizedValue", sizedValue(u8, u8)],
  ["tagged", tagged("choice", u8, { none: [0, structures.struct("none", {})] })],
] as [string, Codec<unknown>][];

test.each([...declared, ...made])("%s", (_, codec) => {
  for (const value of [...valuesOfEveryType(), ...neverRight()]) {
    try {
      encode(codec, value);
    } catch (error) {
      expect(error).toBeInstanceOf(LayoutError);
      const shown = inspect(error, { depth: 9 });
      for (const trace of traces) expect(shown).not.toContain(trace);
    }
  }
});

test("text in the place of bytes of the same length is not written as zeros", () => {
  expect(() => encode(bytes(4) as Codec<unknown>, "abcd")).toThrow("a string given, bytes expected");
});
