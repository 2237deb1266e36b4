/** 64-bit values keep their digits: in JSON as a number up to 2^53 - 1, above that as decimal text. */

import { describe, expect, test } from "vitest";
import { diagnose } from "../src/diagnose/index.ts";
import { memorySource, openMemoryDisk, openStore } from "../src/index.ts";
import * as structures from "../src/structures.ts";
import { type Codec, decode, picture, u64, u64be } from "../src/structures.ts";
import * as uefi from "../src/uefi/index.ts";
import { errorOf } from "./expect-error.ts";
import { goldenImage } from "./golden-data.ts";

const values = [0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const written = (value: bigint) => (value < 2n ** 53n ? Number(value) : String(value));

interface AnyStruct extends Codec<object> {
  readonly size: number;
  readonly fields: Readonly<Record<string, { readonly codec: Codec<unknown> }>>;
  readonly offsets: Readonly<Record<string, number>>;
}
const isStruct = (value: unknown): value is AnyStruct =>
  typeof value === "object" &&
  value !== null &&
  "offsets" in value &&
  "size" in value &&
  Number(value.size) > 0;

const fields = [structures, uefi].flatMap((door) =>
  Object.entries(door).flatMap(([name, declared]) => {
    if (!isStruct(declared)) return [];
    const wide = Object.entries(declared.fields).filter(([, { codec }]) =>
      [u64, u64be].includes(codec as typeof u64),
    );
    return wide.map(([field]) => [`${name}.${field}`, declared, field] as const);
  }),
);

describe("in the JSON form and the picture of", () => {
  test.each(fields)("%s", (_, declared, field) => {
    const bytes = new Uint8Array(declared.size);
    const at = declared.offsets[field] as number;
    const isLittle = declared.fields[field]?.codec === u64;
    for (const value of values) {
      new DataView(bytes.buffer).setBigUint64(at, value, isLittle);
      const json = declared.toJson(decode(declared, bytes)) as Record<string, unknown>;
      expect(json[field]).toBe(written(value));
      const row = picture(declared, bytes).rows.find(({ path }) => path === field);
      expect(row?.value).toBe(written(value));
      if (row?.words !== null && value > 0n) expect(BigInt(row?.words ?? 0)).toBe(value);
    }
  });

  test("which there are some", () => {
    expect(fields.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "fileTableEntry.validDataSize",
        "vhdFooter.currentSize",
        "vhdFooter.originalSize",
      ]),
    );
  });
});

test("the size of an impossible table entry is shown with all its digits", async () => {
  const image = await goldenImage("provisioned-empty");
  const { header } = (await openStore(openMemoryDisk(image.slice()))).state;
  const entry = header.fileTableOffset * 4096 + 18 * structures.TABLE_ENTRY_SIZE;
  new DataView(image.buffer).setBigUint64(
    entry + structures.fileTableEntry.offsets.validDataSize,
    2n ** 63n,
    true,
  );
  const error = await errorOf(() => openStore(openMemoryDisk(image)));
  expect(error.message).toContain(": 9223372036854775808 valid bytes do not fit");
  const { findings } = await diagnose(memorySource(image));
  const found = findings.find(({ id }) => id === "table-entry-impossible");
  expect(found?.message).toContain(": 9223372036854775808 valid bytes do not fit");
});

test("the size in a VHD footer is shown with all its digits", async () => {
  const image = await goldenImage("provisioned-empty");
  const footer = image.subarray(image.length - 512);
  new DataView(footer.buffer, footer.byteOffset).setBigUint64(
    structures.vhdFooter.offsets.currentSize,
    2n ** 63n,
  );
  const sum = structures.vhdFooter.offsets.checksum;
  new DataView(footer.buffer, footer.byteOffset).setUint32(sum, structures.vhdChecksum(footer));
  const { findings } = await diagnose(memorySource(image));
  const { message, evidence } = findings.find(({ id }) => id === "container-truncated") ?? {};
  const missing = String(2n ** 63n - BigInt(image.length - 512));
  expect(evidence).toMatchObject({ diskBytes: "9223372036854775808", missing });
  expect(message).toContain("9223372036854775808");
  expect(message).toContain(`${missing} bytes are missing`);
});
