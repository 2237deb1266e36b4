/** The recognisers: pure, never throw, and take nothing for what it is not. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { goldenFile, goldenImage } from "../../test/golden-data.ts";
import { recogniseTpmState } from "../tpm/index.ts";
import { recogniseVariableList } from "../uefi/index.ts";
import { recogniseFileTable, recogniseHeader, recogniseMarker } from "./index.ts";

const recognisers = [
  (bytes: Uint8Array) => recogniseFileTable(bytes, 4, 64),
  (bytes: Uint8Array) => recogniseHeader(bytes),
  recogniseMarker,
  recogniseVariableList,
  recogniseTpmState,
];

test("any bytes are nothing, and nothing throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 4096 }), fc.boolean(), (bytes, asBlock) => {
      const shown = asBlock ? Uint8Array.from({ length: 4096 }, (_, i) => bytes[i] ?? 0) : bytes;
      for (const recognise of recognisers) expect(recognise(shown)).toBeNull();
    }),
  );
});

test("patterns and zeros are nothing", () => {
  for (const byte of [0, 0x55, 0x7b, 0xff]) {
    for (const recognise of recognisers) expect(recognise(new Uint8Array(8192).fill(byte))).toBeNull();
  }
});

test("a file table is one only in its own block", async () => {
  const table = (await goldenImage("worked-example")).slice(4 * 4096, 5 * 4096);
  expect(recogniseFileTable(table, 4, 1024)?.table.files.size).toBe(4);
  expect(recogniseFileTable(table, 5, 1024)).toBeNull();
  table[8] = 1;
  expect(recogniseFileTable(table, 4, 1024)).toBeNull();
});

test("a header is one only with its checksum", async () => {
  const image = await goldenImage("worked-example");
  expect(recogniseHeader(image.subarray(512))?.reading.header.sequence).toBe(4);
  image[512 + 100] = 1;
  expect(recogniseHeader(image.subarray(512))).toBeNull();
});

const text = (json: string) => new TextEncoder().encode(json);

test.each([
  ['{"provisioner":"hcl","reason":"empty","tpm_version":"1.38"}', true],
  ['{"provisioner":"a}\\"{","reason":"empty","tpm_version":"1.38"}', true],
  ['{"provisioner":"hcl","other":1}', false],
  ['{"name":"vmgskit","version":"0.1.0","reason":"x"}', false],
  ['{"provisioner":"hcl","reason":"empty","tpm_version":"1.3', false],
])("%s: a marker, %s", (json, isMarker) => {
  const bytes = new Uint8Array(4096);
  bytes.set(text(json));
  const found = recogniseMarker(bytes);
  expect(found !== null).toBe(isMarker);
  if (found !== null) expect(found.bytes).toBe(text(json).length);
});

test("a marker of 64 KiB of brackets takes no time", () => {
  expect(recogniseMarker(text("{".repeat(65_536)))).toBeNull();
});

test("a variable list ends where the next entry is none", async () => {
  const list = await goldenFile("uefi/boot-entries.bin");
  const bytes = new Uint8Array(list.length + 5000).fill(0xee);
  bytes.set(list);
  expect(recogniseVariableList(bytes)?.bytes).toBe(list.length);
  expect(recogniseVariableList(await goldenFile("uefi/locked-noise.bin"))).toBeNull();
});

test.each(["fresh-32k", "provisioned-32k", "many-indices-32k", "legacy-owner-cert-16k", "truncated-16k"])(
  "%s is a TPM state",
  async (name) => {
    const state = await goldenFile(`tpm-nvram/${name}.bin`);
    const found = recogniseTpmState(state);
    expect(found?.evidence.length).toBeGreaterThan(1);
    expect(found?.sound).toBe(name !== "truncated-16k");
  },
);
