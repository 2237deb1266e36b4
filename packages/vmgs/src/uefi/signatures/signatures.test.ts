import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, LayoutError, toHex } from "../../layout/index.ts";
import {
  encodeSignatureLists,
  readCertificate,
  readSignatureLists,
  SignatureType,
  signatureListOf,
  wellKnownCertificate,
} from "./index.ts";

const owner = "77fa9abd-0359-4d32-bd60-28f4e78f784b";
const hash = (fill: number) => new Uint8Array(32).fill(fill);
const hashes = signatureListOf("SHA256", owner.toUpperCase(), [hash(1), hash(2)]);
const bytes = (hex: string) => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array(0);

/** The header of a list, with sizes as they are given. */
function header(type: string, listSize: number, headerSize: number, signatureSize: number): string {
  const data = new Uint8Array(12);
  const view = new DataView(data.buffer);
  [listSize, headerSize, signatureSize].forEach((size, index) => {
    view.setUint32(4 * index, size, true);
  });
  return type + toHex(data);
}
const someType = "11".repeat(16);

describe("signature lists", () => {
  test("have a type, an owner and data", () => {
    const { lists, rest, problem } = readSignatureLists(encodeSignatureLists([hashes]));
    expect(lists).toEqual([
      {
        type: SignatureType.SHA256,
        typeName: "SHA256",
        header: new Uint8Array(0),
        signatureSize: 48,
        signatures: [
          { owner, data: hash(1) },
          { owner, data: hash(2) },
        ],
      },
    ]);
    expect(rest).toEqual(new Uint8Array(0));
    expect(problem).toBeNull();
  });

  test("of unknown types are no error, nor are several certificates in one list", () => {
    const unknown = `${header(someType, 28 + 2 + 34, 2, 17)}aabb${"22".repeat(16)}01${"22".repeat(16)}02`;
    const certificates = signatureListOf("X509", owner, [hash(3), hash(4)]);
    const data = bytes(unknown + toHex(encodeSignatureLists([certificates])));
    const { lists, problem } = readSignatureLists(data);
    expect(problem).toBeNull();
    expect(lists.map(({ typeName, signatures }) => [typeName, signatures.length])).toEqual([
      [null, 2],
      ["X509", 2],
    ]);
    expect(encodeSignatureLists(lists)).toEqual(data);
  });

  test.each([
    ["too short a header", "00"],
    ["a size beyond the end", header(someType, 100, 0, 17)],
    ["a size below its header", header(someType, 27, 0, 17)],
    ["a header beyond its size", header(someType, 28, 1, 17)],
    ["signatures smaller than their owner", `${header(someType, 43, 0, 15)}${"00".repeat(15)}`],
    ["signatures of no size", `${header(someType, 44, 0, 0)}${"00".repeat(16)}`],
    ["half a signature", `${header(someType, 45, 0, 16)}${"00".repeat(17)}`],
  ])("are read up to one with %s, and the rest is kept", (_, bad) => {
    const sound = toHex(encodeSignatureLists([hashes]));
    const { lists, rest, problem } = readSignatureLists(bytes(sound + bad));
    expect(lists).toEqual([hashes]);
    expect(toHex(rest)).toBe(bad);
    expect(problem).toBeInstanceOf(LayoutError);
    expect(problem?.message).toMatch(/^signatureLists\[1\]/);
    expect(toHex(encodeSignatureLists(lists, rest))).toBe(sound + bad);
  });

  test("can't hold signatures of different sizes", () => {
    expect(() => signatureListOf("X509", owner, [hash(1), Uint8Array.of(1)])).toThrow(LayoutError);
  });

  test("of any bytes are written as they were read", () => {
    const size = fc.integer({ min: 0, max: 60 });
    const list = fc
      .tuple(size, fc.constantFrom(0, 1), fc.constantFrom(0, 16, 17, 20), fc.uint8Array({ maxLength: 60 }))
      .map(([extra, headerSize, signatureSize, data]) =>
        header(someType, 28 + (extra > 50 ? extra : data.length), headerSize, signatureSize).concat(
          toHex(data),
        ),
      );
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (parts) => {
        const { lists, rest } = readSignatureLists(bytes(parts.join("")));
        expect(toHex(encodeSignatureLists(lists, rest))).toBe(parts.join(""));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a certificate that can't be read", () => {
  test("is kept and named, with its thumbprint", async () => {
    expect(await readCertificate(new Uint8Array(0))).toEqual({
      der: new Uint8Array(0),
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      fields: null,
      rsaKey: null,
      problem: "is not an X.509 certificate in DER",
      wellKnown: null,
    });
  });

  test("does no harm, however it is nested", async () => {
    const nested = ["3080", "2480", "3180", "a080", "30823082", "0500"];
    for (const pattern of nested) {
      const der = bytes(pattern.repeat(Math.floor(65_536 / pattern.length)));
      expect((await readCertificate(der)).problem).not.toBeNull();
    }
  });

  test("can be any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (der) => {
        expect((await readCertificate(der)).fields).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});

test("only whole thumbprints are well-known", () => {
  expect(wellKnownCertificate("48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507")?.name).toBe(
    "Microsoft Corporation UEFI CA 2011",
  );
  expect(wellKnownCertificate("constructor")).toBeNull();
});
