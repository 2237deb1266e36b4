/** Mutated input for every parser, in short; and the fuzzer finds what it is there to find. */

import { expect, test } from "vitest";
import { seeded } from "../random.ts";
import { fuzz } from "./fuzz.ts";
import { mutated } from "./mutate.ts";
import { type Target, targets } from "./targets.ts";

test("no parser crashes, hangs or takes much memory, whatever its input", async () => {
  const { accepted, refused, blocks } = await fuzz(1, targets.length * 24);
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
  expect(blocks).toBeGreaterThan(500);
});

const target = (read: (bytes: Uint8Array) => unknown): Target => ({
  name: "test",
  maxBytes: 100,
  seeds: async () => [new Uint8Array(8)],
  read,
});

test.each<[string, (bytes: Uint8Array) => unknown, RegExp]>([
  [
    "an error that is not ours",
    (bytes) => bytes[3] === 0xff && Promise.reject(new TypeError("oops")),
    /TypeError: oops/,
  ],
  [
    "memory by the size in the input",
    (bytes) => bytes[0] === 0xff && new Uint8Array(2 ** 28),
    /it takes \d+ bytes/,
  ],
  [
    "an input that takes long",
    (bytes) => {
      const { user } = process.cpuUsage();
      while (bytes[0] === 0xff && process.cpuUsage().user - user < 100_000);
    },
    /it takes \d+ ms/,
  ],
])("%s is found", async (_, read, message) => {
  await expect(fuzz(1, 5000, { hangLimitMs: 90 }, [target(read)])).rejects.toThrow(message);
});

test("inputs that run new code are kept", async () => {
  const guess = (bytes: Uint8Array) => {
    if (bytes[0] === 0x40) return bytes.length;
    return bytes[1] === 0x20 ? bytes.map((byte) => byte + 1) : null;
  };
  expect((await fuzz(1, 2000, {}, [target(guess)])).kept).toBeGreaterThan(0);
  expect((await fuzz(1, 400, {}, [target(() => null)])).kept).toBeLessThan(100);
});

test("mutations change, cut and lengthen, within the limit", () => {
  const random = seeded(1);
  const base = Uint8Array.from({ length: 600 }, (_, i) => i);
  const lengths = Array.from({ length: 500 }, () => mutated(base, base, 700, random).length);
  expect(Math.max(...lengths)).toBe(700);
  expect(Math.min(...lengths)).toBeLessThan(100);
  expect(base[77]).toBe(77);
});
