import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isVmgsError } from "../errors/index.ts";
import {
  bootOverview,
  dropUnreadable,
  encodeVariableList,
  MAX_LIST_BYTES,
  planBootReset,
  readCustomUefi,
  readLegacyExport,
  readVariableList,
  secureBootState,
  valueShape,
  variableListFromJson,
  variableListToJson,
  variableValue,
} from "./index.ts";

const folder = new URL("../../test/golden/uefi/", import.meta.url);
const golden = readdirSync(folder)
  .filter((name) => name.endsWith(".bin"))
  .map((name) => new Uint8Array(readFileSync(new URL(name, folder))));

/** Everything that reads a list, on any bytes. Returns what is worth a look. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const list = readVariableList(bytes);
  expect(Buffer.from(encodeVariableList(list)).equals(bytes)).toBe(true);
  try {
    readVariableList(bytes, { strict: true });
    expect(list.problems).toEqual([]);
  } catch (error) {
    if (!isVmgsError(error)) throw error;
    expect(list.problems.length).toBeGreaterThan(0);
  }
  const sound = dropUnreadable(list);
  for (const variable of sound.variables) variableValue(variable);
  bootOverview(sound);
  if (sound.byteLength <= MAX_LIST_BYTES) planBootReset(sound);
  await secureBootState(sound, new Date(0));
}

/** Golden bytes with some of them changed, cut, repeated or moved. */
const mutated = fc
  .tuple(
    fc.constantFrom(...golden),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    fc.option(fc.nat(), { nil: undefined }),
    fc.nat(3),
  )
  .map(([base, patches, cut, repeats]) => {
    const bytes = base.slice();
    for (const [at, value] of patches) if (bytes.length > 0) bytes[at % bytes.length] = value;
    const kept = cut === undefined ? bytes : bytes.subarray(0, cut % (bytes.length + 1));
    const all = new Uint8Array(kept.length * (repeats + 1));
    for (let i = 0; i <= repeats; i++) all.set(kept, i * kept.length);
    return all.slice(0, MAX_LIST_BYTES);
  });

test("mutated lists are read in part, written back byte for byte, and never crash anything", async () => {
  await fc.assert(fc.asyncProperty(mutated, readAll), { numRuns: 400 });
});

test("bytes that never were a list are named, and nothing is read from them", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 2000, size: "max" }), readAll), {
    numRuns: 300,
  });
});

test("the largest lists of one byte over and over are read in no time", async () => {
  for (const fill of [0, 1, 0x30, 0xff]) {
    const bytes = new Uint8Array(MAX_LIST_BYTES).fill(fill);
    const list = readVariableList(bytes);
    expect(list.problems).toHaveLength(1);
    expect(list.variables).toEqual([]);
    expect(Buffer.from(encodeVariableList(list)).equals(bytes)).toBe(true);
  }
});

test("the data of any variable with a known shape can be anything", () => {
  const keys = golden
    .flatMap((bytes) => readVariableList(bytes).variables)
    .filter((variable) => valueShape(variable) !== null);
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.uint8Array({ maxLength: 100 }), (key, data) => {
      expect(variableValue({ ...key, data }).kind).toMatch(/./);
    }),
    { numRuns: 500 },
  );
});

test("any JSON is refused or read as variables, never anything else", () => {
  const shaped = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc
      .json({ maxDepth: 3 })
      .map((inner) => `{"schema":"vmgs.uefi/1","variables":[${inner}],"unreadable":${inner}}`),
    fc
      .json({ maxDepth: 3 })
      .map((inner) => `{"type":"Microsoft.Compute/disks","properties":{"uefiSettings":${inner}}}`),
    fc.string(),
  );
  fc.assert(
    fc.property(shaped, (text) => {
      for (const read of [
        readCustomUefi,
        readLegacyExport,
        (json: string) => variableListFromJson(JSON.parse(json)),
      ]) {
        try {
          read(text);
        } catch (error) {
          if (!isVmgsError(error, "VMGS_UEFI_JSON") && !(error instanceof SyntaxError)) throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("a list in JSON is the list", () => {
  for (const bytes of golden) {
    const list = readVariableList(bytes);
    expect(variableListFromJson(variableListToJson(list))).toEqual(list);
  }
});
