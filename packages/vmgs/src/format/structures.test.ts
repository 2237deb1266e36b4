/** What holds for every declared structure of the format alike. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, type Fields, picture, type Struct, toHex } from "../layout/index.ts";
import {
  extendedFileTable,
  extendedFileTableEntry,
  fileTable,
  fileTableEntry,
  header,
  metadataKeySlot,
  vhdFooter,
} from "./index.ts";

type Text = readonly (readonly [offset: number, length: number])[];
const declared = (struct: unknown, size: number, ascii: Text = []) => {
  const { name } = struct as Struct<Fields>;
  return [name, struct as Struct<Fields>, size, ascii] as const;
};

/** Each structure, its size in the specification, and where it holds ASCII text. */
const structures = [
  declared(metadataKeySlot, 64),
  declared(header, 168, [[0, 8]]),
  declared(fileTableEntry, 64),
  declared(fileTable, 4096),
  declared(extendedFileTableEntry, 64),
  declared(extendedFileTable, 4096),
  declared(vhdFooter, 512, [
    [0, 8],
    [28, 4],
    [36, 4],
  ]),
];

describe.each(structures)("%s", (name, struct, size, ascii) => {
  /** Any bytes of the structure; text fields hold ASCII, as other bytes have no place in text. */
  const image = fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => {
    for (const [offset, length] of ascii) {
      for (let i = offset; i < offset + length; i++) bytes[i] = (bytes[i] as number) & 0x7f;
    }
    return bytes;
  });
  const runs = size > 1000 ? 10 : 100;

  test("has the size of the specification", () => {
    expect(struct.size).toBe(size);
    expect(encode(struct, decode(struct, new Uint8Array(size)))).toEqual(new Uint8Array(size));
  });

  test("decodes and encodes to the same bytes, and the same value", () => {
    fc.assert(
      fc.property(image, (bytes) => {
        const value = decode(struct, bytes);
        expect(encode(struct, value)).toEqual(bytes);
        expect(decode(struct, encode(struct, value))).toEqual(value);
      }),
      { numRuns: runs },
    );
  });

  test("has a picture that covers every byte once, and JSON that stringifies", () => {
    fc.assert(
      fc.property(image, (bytes) => {
        const { rows, error } = picture(struct, bytes);
        expect(error).toBeNull();
        const ends = rows.map(({ offset, size: length }) => offset + length);
        expect(rows.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
        expect(ends.at(-1)).toBe(size);
        expect(rows.filter(({ meaning }) => meaning === "")).toEqual([]);
        expect(JSON.parse(JSON.stringify(struct.toJson(decode(struct, bytes))))).toEqual(
          struct.toJson(decode(struct, bytes)),
        );
      }),
      { numRuns: runs / 5 },
    );
  });

  test("shows what there is of bytes that end early", () => {
    fc.assert(
      fc.property(image, fc.nat(size - 1), (bytes, length) => {
        const { rows, error } = picture(struct, bytes.subarray(0, length));
        expect(error?.code, name).toBe("VMGS_LAYOUT");
        expect(rows.reduce((sum, row) => sum + row.size, 0)).toBeLessThanOrEqual(length);
      }),
      { numRuns: runs / 5 },
    );
  });
});

test("the keys of the extended file table are in no picture and no JSON", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(63), (key, fileId) => {
      fc.pre(key.some((byte) => byte !== 0));
      const bytes = new Uint8Array(4096);
      bytes.set(key, fileId * 64 + 4);
      const shown = [
        JSON.stringify(extendedFileTable.toJson(decode(extendedFileTable, bytes))),
        JSON.stringify(picture(extendedFileTable, bytes)),
      ];
      for (const text of shown) {
        expect(text).not.toContain(toHex(key));
        expect(text).not.toContain(key.join(","));
      }
      const row = picture(extendedFileTable, bytes).rows.find(
        ({ path }) => path === `entries[${fileId}].encryptionKey`,
      );
      expect(row).toMatchObject({ hex: null, value: null, words: "secret", size: 32 });
    }),
    { numRuns: 20 },
  );
});
