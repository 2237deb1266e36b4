/** Keys stay out of everything that prints. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { toHex } from "../layout/index.ts";
import { parseKeyFile, Secret } from "./index.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i);
const keyHex = toHex(key);
const keyBase64 = btoa(String.fromCharCode(...key));
const ascii = (text: string) => new TextEncoder().encode(text);

describe("a secret", () => {
  const secret = new Secret(key);

  test("gives its bytes only when they are asked for by name", () => {
    expect(toHex(secret.expose())).toBe(keyHex);
    expect(secret.byteLength).toBe(32);
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify(secret),
      JSON.stringify({ nested: [secret] }),
      Object.keys(secret).join(),
      Object.getOwnPropertyNames(secret).join(),
      JSON.stringify({ ...secret }),
    ];
    for (const text of shown) expect(text).not.toMatch(/a0a1|160,161/);
    expect(JSON.stringify({ key: secret })).toBe('{"key":"[secret]"}');
  });

  test("is a copy of the bytes it was made from", () => {
    const bytes = key.slice();
    const kept = new Secret(bytes);
    bytes.fill(0);
    expect(toHex(kept.expose())).toBe(keyHex);
  });

  test("is compared by content and length", () => {
    expect(secret.equals(new Secret(key))).toBe(true);
    expect(secret.equals(new Secret(key.subarray(1)))).toBe(false);
    fc.assert(
      fc.property(fc.nat(31), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const other = key.slice();
        other[at] = (other[at] as number) ^ flip;
        expect(secret.equals(new Secret(other))).toBe(false);
      }),
    );
  });

  test("knows whether it is zero", () => {
    expect([new Uint8Array(32), key].map((bytes) => new Secret(bytes).isZero())).toEqual([true, false]);
  });
});

describe("a key file", () => {
  test.each<[string, Uint8Array, string]>([
    ["32 raw bytes", key, "raw"],
    ["32 raw bytes that are text", ascii("0123456789abcdef0123456789abcdef"), "raw"],
    ["64 hex digits", ascii(keyHex), "hex"],
    ["64 upper-case hex digits and a line end", ascii(`${keyHex.toUpperCase()}\r\n`), "hex"],
    ["base64", ascii(keyBase64), "base64"],
    ["base64 with a line end", ascii(`${keyBase64}\n`), "base64"],
    ["base64 without padding", ascii(keyBase64.replace("=", "")), "base64"],
  ])("may hold %s", (_, content, form) => {
    const parsed = parseKeyFile(content);
    expect(parsed.form).toBe(form);
    expect(toHex(parsed.key.expose())).toBe(form === "raw" ? toHex(content) : keyHex);
  });

  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["31 bytes", key.subarray(1)],
    ["33 bytes", Uint8Array.from([...key, 1])],
    ["16 bytes", key.subarray(16)],
    ["63 hex digits", ascii(keyHex.slice(1))],
    ["64 characters that are no hex", ascii(`g${keyHex.slice(1)}`)],
    ["base64 of 31 bytes", ascii(btoa(String.fromCharCode(...key.subarray(1))))],
    ["base64 for URLs", ascii(btoa("\xff".repeat(32)).replaceAll("/", "_"))],
    ["a lot", new Uint8Array(1_000_000).fill(0x61)],
  ])("may not hold %s", async (_, content) => {
    const error = await errorOf(() => parseKeyFile(content));
    expect(error.code).toBe("VMGS_KEY_LENGTH");
    expect(error.facts).toEqual({ bytes: content.length, limit: 32 });
  });

  test("is never quoted in a refusal", async () => {
    const { message } = await errorOf(() => parseKeyFile(ascii("hunter2 hunter2")));
    expect(message).not.toMatch(/hunter/);
  });

  test("of any bytes is read or refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 140 }), async (content) => {
        const code = await codeOf(() => parseKeyFile(content));
        if (content.length === 32) expect(code).toBe("done");
        else expect(["done", "VMGS_KEY_LENGTH"]).toContain(code);
      }),
    );
  });
});
