/** What counts as bytes, and what an error says of what does not. */

import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { errorOf } from "../../test/expect-error.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, formatStore, openStore, Secret } from "../index.ts";
import { checkBytes, checkWhole } from "./index.ts";

const refusal = async (value: unknown) => (await errorOf(() => checkBytes(value, "key"))).message;
const keyText = Buffer.from(testKey(1)).toString("hex");

test("bytes are those of any realm, Buffers and empty ones too", () => {
  const foreign: unknown = runInNewContext("new Uint8Array([1, 2, 3])");
  expect(foreign).not.toBeInstanceOf(Uint8Array);
  for (const value of [foreign, Buffer.from("abc"), new Uint8Array(0), new Uint8Array(8).subarray(8)]) {
    expect(() => checkBytes(value, "key")).not.toThrow();
  }
});

test("what is not bytes is named by its type", async () => {
  const expected = "key must be a Uint8Array of its own memory";
  expect(await refusal(keyText)).toBe(`${expected}, a string was given`);
  expect(await refusal(Uint16Array.of(1))).toBe(`${expected}, a Uint16Array was given`);
  expect(await refusal(Int8Array.of(1))).toBe(`${expected}, an Int8Array was given`);
  expect(await refusal(new DataView(new ArrayBuffer(1)))).toBe(`${expected}, a DataView was given`);
  expect(await refusal(new ArrayBuffer(1))).toBe(`${expected}, an ArrayBuffer was given`);
  expect(await refusal(new SharedArrayBuffer(1))).toBe(`${expected}, a SharedArrayBuffer was given`);
  expect(await refusal([1, 2])).toBe(`${expected}, an array was given`);
  expect(await refusal(undefined)).toBe(`${expected}, undefined was given`);
  expect(await refusal(Object.create(Uint8Array.prototype))).toBe(`${expected}, an object was given`);
});

test("memory that was transferred away, or that threads share, is refused", async () => {
  const detached = new Uint8Array(32);
  structuredClone(detached, { transfer: [detached.buffer] });
  expect(await refusal(detached)).toMatch(/one whose memory was transferred was given$/);
  expect(await refusal(new Uint8Array(new SharedArrayBuffer(4)))).toMatch(
    /over a SharedArrayBuffer was given$/,
  );
});

test.each([Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY, 1n, "1", null])(
  "%s is no size",
  (value) => {
    expect(() => checkWhole(value, "byteLength")).toThrow(
      /^byteLength must be a whole number from 0 to 2\^53 - 1/,
    );
  },
);

test("a key in hexadecimal is refused wherever a key is given, and never shown", async () => {
  const key = keyText as unknown as Uint8Array;
  const disk = createMemoryDisk(65_536);
  const store = await formatStore(disk, { key: testKey(1) });
  const calls = {
    "options.key": [() => openStore(disk, { key }), () => formatStore(disk, { key })],
    key: [() => store.unlock(key), () => store.addKey(key), () => store.updateKey(key)],
    bytes: [() => new Secret(key)],
  };
  for (const [parameter, all] of Object.entries(calls)) {
    for (const call of all) {
      const error = await errorOf(call);
      expect(error).toMatchObject({ code: "VMGS_INVALID_ARGUMENT", facts: { parameter, given: "a string" } });
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(keyText);
    }
  }
});
