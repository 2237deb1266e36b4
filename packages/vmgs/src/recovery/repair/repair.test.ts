/**
 * Every damaged golden store: repaired so that it opens with its files as they were, or truthfully not. On the way the
 * store is, whatever a power failure leaves behind, as before or as after.
 */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../../test/expect-error.ts";
import { goldenImage, goldenStores, sha256 } from "../../../test/golden-data.ts";
import { seeded } from "../../../test/random-history.ts";
import { firstDifference, freshStore, testKey } from "../../../test/store-fixtures.ts";
import { openMemoryDisk } from "../../disk/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import { encodeHeader, type Header, header } from "../../format/index.ts";
import { decode, fromHex } from "../../layout/index.ts";
import { memorySource } from "../../source/index.ts";
import { run } from "../../steps/index.ts";
import { isEncrypted, openStore, openWritableStore, storeWarnings } from "../../store/index.ts";
import { zeroMetadataKeySteps } from "../../store/rooms.ts";
import { planRepair, type RepairOptions, type RepairPlan, type RepairWrite } from "../index.ts";

const plan = (image: Uint8Array, options?: RepairOptions): Promise<RepairPlan> =>
  planRepair(memorySource(image), options);

/** The image after some writes; sectors of a write that is not whole are left out. */
function after(image: Uint8Array, writes: readonly RepairWrite[], fileBytes: number): Uint8Array {
  const result = new Uint8Array(Math.max(fileBytes, image.length));
  result.set(image);
  for (const write of writes) if (write.kind === "write") result.set(write.bytes, write.offset);
  return result;
}

const repaired = (image: Uint8Array, { writes, fileBytes }: RepairPlan) => after(image, writes, fileBytes);

/** Files of a store with the SHA-256 of their content, or why it can't be opened or read. */
async function contentOf(image: Uint8Array, key: Uint8Array | undefined): Promise<string> {
  try {
    const store = await openStore(openMemoryDisk(image));
    if (key !== undefined && isEncrypted(store.state)) await store.unlock(key);
    const files: string[] = [];
    for (const { id } of store.files) files.push(`${id} ${await hash(() => store.readFile(id))}`);
    return files.join("; ");
  } catch (error) {
    if (isVmgsError(error)) return error.code;
    throw error;
  }
}

async function hash(read: () => Promise<Uint8Array>): Promise<string> {
  try {
    return (await sha256(await read())).slice(0, 16);
  } catch (error) {
    if (isVmgsError(error)) return error.code;
    throw error;
  }
}

const keyOf = (name: string): Uint8Array | undefined => {
  const [hex] = goldenStores.find((golden) => golden.name === name)?.keys ?? [];
  return hex === undefined ? undefined : fromHex(hex);
};

/** What the damaged plain and encrypted stores held before they were damaged. */
const SOUND = { plain: "corrupt-stale-header-checksum", encrypted: "corrupt-enc-eft-attr-zero" };

/** What becomes of each damaged store: the files it has afterwards; or how it is left. */
const OUTCOMES: Readonly<Record<string, readonly number[] | "sound" | "a decision is needed" | "lost">> = {
  "corrupt-active-header-checksum": [1, 3, 18],
  "corrupt-algorithm-1-no-keys": [1, 3, 18],
  "corrupt-algorithm-2": "lost",
  "corrupt-both-headers-checksum": [1, 3, 18],
  "corrupt-enc-data-flip": [1, 6, 18],
  "corrupt-enc-data-zeros": [1, 6, 18],
  "corrupt-enc-eft-attr-zero": "sound",
  "corrupt-enc-eft-flip": "a decision is needed",
  "corrupt-enc-ft-attr-zero": [1, 3, 6, 18],
  "corrupt-enc-nonce-flip": [1, 3, 6, 18],
  "corrupt-enc-tag-flip": [1, 3, 6, 18],
  "corrupt-entry-0-elsewhere": [1, 3, 18],
  "corrupt-entry-0-missing": [1, 3, 18],
  "corrupt-entry-63-missing": [1, 3, 18],
  "corrupt-entry-attributes-plain-store": [1, 3, 18],
  "corrupt-entry-offset-1": [1, 18],
  "corrupt-entry-overlap": "a decision is needed",
  "corrupt-entry-overlaps-table": [3, 18],
  "corrupt-entry-past-end": [1, 18],
  "corrupt-entry-unassigned-12": "sound",
  "corrupt-entry-valid-huge": [1, 18],
  "corrupt-entry-valid-too-large": [1, 18],
  "corrupt-entry-wrap": [1, 18],
  "corrupt-equal-sequences": "a decision is needed",
  "corrupt-footer-checksum": [1, 3, 18],
  "corrupt-footer-cookie": [1, 3, 18],
  "corrupt-footer-dynamic": [1, 3, 18],
  "corrupt-footer-missing": "sound",
  "corrupt-footer-size-larger": [1, 3, 18],
  "corrupt-footer-size-odd": [1, 3, 18],
  "corrupt-footer-size-smaller": "sound",
  "corrupt-footer-version": [1, 3, 18],
  "corrupt-header-reserved": "sound",
  "corrupt-header-size": [1, 3, 18],
  "corrupt-sequence-gap": "a decision is needed",
  "corrupt-signature-one": [1, 3, 18],
  "corrupt-slack-data": "sound",
  "corrupt-stale-header-checksum": [1, 3, 18],
  "corrupt-table-offset-1": "lost",
  "corrupt-table-offset-past-end": "lost",
  "corrupt-table-size-2": [1, 3, 18],
  "corrupt-truncated-1-byte": [1, 3, 18],
  "corrupt-truncated-middle": "lost",
  "corrupt-v1-gpt": "lost",
  "corrupt-version-2": "lost",
  "corrupt-version-4-newer": "lost",
  "corrupt-vhdx": [1, 3, 18],
  "corrupt-zero-bytes": "sound",
  "corrupt-512-zeros": "lost",
};

describe.each(Object.entries(OUTCOMES))("%s", (name, expected) => {
  test(`${expected}`, async () => {
    const image = await goldenImage(name);
    const before = image.slice();
    const key = keyOf(name);
    const found = await plan(image, key && { key });
    expect(firstDifference(image, before), "planning writes nothing").toBeNull();
    if (expected === "sound") {
      expect(found).toMatchObject({ findings: [], steps: [], choices: [], unrepaired: [], writes: [] });
      return;
    }
    expect(found.findings.length).toBeGreaterThan(0);
    if (expected === "lost" || expected === "a decision is needed") {
      expect(found.writes).toEqual([]);
      expect(found.choices.length > 0).toBe(expected !== "lost");
      if (expected === "lost") expect(found.unrepaired.length).toBeGreaterThan(0);
      for (const { advice } of found.unrepaired) expect(advice).not.toBe("");
      return;
    }
    for (const { evidence } of found.steps) expect(evidence.length).toBeGreaterThan(0);
    expect(found.outcome).toMatchObject({ opens: true, files: expected });
    const result = repaired(image, found);
    await isSound(result, name, key, expected);
    const again = await plan(result, key && { key });
    expect(again).toMatchObject({ findings: [], steps: [], writes: [] });
    await survives(image, found, key);
  });
});

/** The store opens, has these files, each as it was before the damage, and takes a change. */
async function isSound(
  image: Uint8Array,
  name: string,
  key: Uint8Array | undefined,
  files: readonly number[],
): Promise<void> {
  const sound = await goldenImage(key === undefined ? SOUND.plain : SOUND.encrypted);
  const whole = await contentOf(sound, keyOf(key === undefined ? SOUND.plain : SOUND.encrypted));
  const expected = whole.split("; ").filter((file) => files.includes(Number(file.split(" ")[0])));
  expect(await contentOf(image, key), name).toBe(expected.join("; "));
  const disk = openMemoryDisk(image.slice());
  const store = await openWritableStore(disk, key && { key });
  const left = storeWarnings(store.state).filter(({ code }) => code !== "VMGS_OTHER_HEADER_INVALID");
  expect(left).toEqual([]);
  await store.write(40, new Uint8Array(10));
}

/** Every image that a power failure can leave behind is as before or as after. */
async function survives(image: Uint8Array, found: RepairPlan, key: Uint8Array | undefined): Promise<void> {
  const ends = [await contentOf(image, key), await contentOf(repaired(image, found), key)];
  const random = seeded(7);
  let flushed: RepairWrite[] = [];
  let pending: RepairWrite[] = [];
  for (const write of found.writes) {
    if (write.kind === "flush") {
      flushed = [...flushed, ...pending];
      pending = [];
      continue;
    }
    for (let at = 0; at < write.bytes.length; at += 512) {
      const bytes = write.bytes.subarray(at, at + 512);
      pending.push({ kind: "write", offset: write.offset + at, bytes });
    }
    for (let i = 0; i < 3; i++) {
      const some = i === 0 ? pending : pending.filter(() => random(2) === 0);
      const written = [...flushed, ...some];
      const grows = written.some(
        (one) => one.kind === "write" && one.offset + one.bytes.length > image.length,
      );
      const crashed = after(image, written, grows ? found.fileBytes : image.length);
      expect(ends).toContain(await contentOf(crashed, key));
    }
  }
}

describe("decisions", () => {
  test.each([
    [0, "3 18"],
    [1, "1 3 18"],
  ] as const)("of two headers with the same sequence, header %i", async (slot, files) => {
    const image = await goldenImage("corrupt-equal-sequences");
    const found = await plan(image, { header: slot });
    expect(found.choices).toEqual([]);
    expect(found.outcome.files.join(" ")).toBe(files);
    await survives(image, found, undefined);
  });

  test("the previous generation instead of an impossible entry; the current one stays readable as previous", async () => {
    const image = await goldenImage("corrupt-entry-past-end");
    const found = await plan(image, { generation: "previous" });
    expect(found.saves).toEqual([]);
    expect(found.outcome).toMatchObject({ opens: true, files: [3, 18], sequence: 5 });
    await survives(image, found, undefined);
  });

  test("the previous generation when the keys of the current one are lost", async () => {
    const key = keyOf("corrupt-enc-eft-flip") as Uint8Array;
    const image = await goldenImage("corrupt-enc-eft-flip");
    const found = await plan(image, { key, generation: "previous" });
    expect(found.unrepaired).toEqual([]);
    const store = await openStore(openMemoryDisk(repaired(image, found)), { key });
    for (const { id } of store.files) await store.readFile(id);
  });

  test("which of two overlapping files is dropped; the other is as it was, and the dropped one is saved", async () => {
    const image = await goldenImage("corrupt-entry-overlap");
    const before = await openStore(openMemoryDisk(image));
    const kept = await before.readFile(3);
    const lost = await before.readFile(1);
    const found = await plan(image, { drop: [1] });
    expect(found.saves.map(({ fileId }) => fileId)).toEqual([1]);
    expect((await found.saves[0]?.read())?.subarray(0, lost.length)).toEqual(lost);
    const store = await openStore(openMemoryDisk(repaired(image, found)));
    expect(await store.readFile(3)).toEqual(kept);
    expect(store.state.files.has(1)).toBe(false);
    await survives(image, found, undefined);
  });

  test.each([
    ["worked-example", 0],
    ["corrupt-active-header-checksum", 0],
    ["corrupt-active-header-checksum", 1],
  ] as const)("%s: nothing is done with a choice of header %i where there is none", async (name, slot) => {
    const { choices, steps, unrepaired, writes } = await plan(await goldenImage(name), { header: slot });
    expect([choices, steps, writes]).toEqual([[], [], []]);
    expect(unrepaired[0]?.problem).toContain(`header ${slot} was chosen`);
  });

  test.each([0, 63])("table %i is not dropped, whatever it shares", async (fileId) => {
    const image = await goldenImage("corrupt-entry-overlaps-table");
    await expect(plan(image, { drop: [fileId] })).rejects.toMatchObject({ code: "VMGS_INVALID_FILE_ID" });
  });

  test("a file that shares no block is not dropped", async () => {
    const image = await goldenImage("worked-example");
    const { notes, writes } = await plan(image, { drop: [18] });
    expect(writes).toEqual([]);
    expect(notes.join()).toContain("so it is not dropped");
  });

  test("a file without a footer is only given one when it is said to be a VHD", async () => {
    const image = await goldenImage("corrupt-footer-missing");
    expect((await plan(image)).notes.join()).toContain("plan the repair of a VHD");
    const found = await plan(image, { container: "vhd" });
    const result = repaired(image, found);
    expect(result.length).toBe(image.length + 512);
    expect(openMemoryDisk(result).container.kind).toBe("vhd");
  });
});

describe("the zero metadata key", () => {
  test.each(["zero-metadata-key", "zero-metadata-key-two-keys"])(
    "%s: is cured with the key",
    async (name) => {
      const image = await goldenImage(name);
      const [first = "", second] = goldenStores.find((golden) => golden.name === name)?.keys ?? [];
      const key: Uint8Array = fromHex(second ?? first) as Uint8Array;
      const locked = await plan(image);
      expect(locked.unrepaired.length).toBe(1);
      expect(locked.writes).toEqual([]);
      const newKey = testKey(9);
      const found = await plan(image, { key, newKey });
      const result = repaired(image, found);
      const after = await contentOf(result, newKey);
      expect(after).toBe(await contentOf(image, key));
      expect(await contentOf(result, key)).toBe("VMGS_WRONG_KEY");
      const store = await openStore(openMemoryDisk(result), { key: newKey });
      expect(await run(zeroMetadataKeySteps(store.state), openMemoryDisk(result))).toBe(false);
      const old = await openStore(openMemoryDisk(image), { key });
      for (const [id, fileKey] of old.state.unlocked?.fileKeys ?? []) {
        if (fileKey.attributes === 0 || id === 63) continue;
        expect(store.state.unlocked?.fileKeys.get(id)?.key.equals(fileKey.key), `key of file ${id}`).toBe(
          false,
        );
      }
      const stored = await old.readRaw(3);
      expect(contains(result, stored.subarray(0, 64)), "old ciphertext is wiped").toBe(false);
    },
  );

  test("without a new key the datastore key stays", async () => {
    const image = await goldenImage("zero-metadata-key");
    const key = keyOf("zero-metadata-key") as Uint8Array;
    const found = await plan(image, { key });
    expect(await contentOf(repaired(image, found), key)).toBe(await contentOf(image, key));
  });

  test("needs the right key", async () => {
    const image = await goldenImage("zero-metadata-key");
    expect(await codeOf(() => plan(image, { key: testKey(9) }))).toBe("VMGS_WRONG_KEY");
  });
});

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 512) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

describe("headers", () => {
  const damage = (image: Uint8Array, slot: number, change: (bytes: Uint8Array) => void) =>
    change(image.subarray(slot * 512, slot * 512 + 168));

  async function twoGenerations(key?: Uint8Array) {
    const { disk, store } = await freshStore(key && { key });
    await store.write(18, new Uint8Array(10).fill(1));
    await store.write(18, new Uint8Array(10).fill(2));
    return { image: disk.image, sequence: store.state.header.sequence, slot: store.state.activeSlot };
  }

  test("any single flipped bit outside the checksum is found and flipped back", async () => {
    const { image, slot } = await twoGenerations(testKey(1));
    for (let bit = 0; bit < 168 * 8; bit += 37) {
      if (bit >>> 3 >= 12 && bit >>> 3 < 16) continue;
      const broken = image.slice();
      damage(broken, slot, (bytes) => {
        bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7));
      });
      const found = await plan(broken, { container: "raw", sectorSize: 512 });
      expect(firstDifference(repaired(broken, found), image), `bit ${bit}`).toBeNull();
    }
  });

  test("a newer header that is rubbish is not made up: going on with the other one is a decision", async () => {
    const { image, slot, sequence } = await twoGenerations();
    damage(image, slot, (bytes) => bytes.fill(0x55));
    const options = { container: "raw", sectorSize: 512 } as const;
    const asked = await plan(image, options);
    expect(asked.writes).toEqual([]);
    expect(asked.choices.map(({ decision }) => decision.kind)).toEqual(["generation"]);
    const found = await plan(image, { ...options, generation: "previous" });
    expect(found.outcome).toMatchObject({ opens: true, sequence });
  });

  test("an encrypted header with several flipped bits is restored only with the key that confirms it", async () => {
    const key = testKey(1);
    const { image, slot } = await twoGenerations(key);
    const sound = image.slice();
    damage(image, slot, (bytes) => bytes.fill(0, 12, 16));
    const options = { container: "raw", sectorSize: 512 } as const;
    expect((await plan(image, options)).steps).toEqual([]);
    const found = await plan(image, { ...options, key });
    expect(firstDifference(repaired(image, found), sound)).toBeNull();
  });

  test("an older header that is beyond repair is written anew as a copy", async () => {
    const { image, slot, sequence } = await twoGenerations();
    const other = 1 - slot;
    const old = decode(header, image, other * 512) as Header;
    // Its table is gone too, so nothing confirms it.
    image.fill(0, old.fileTableOffset * 4096, (old.fileTableOffset + 1) * 4096);
    damage(image, other, (bytes) => {
      bytes.set(encodeHeader(old));
      bytes.fill(9, 12, 16);
    });
    const found = await plan(image, { container: "raw", sectorSize: 512 });
    expect(found.steps.map(({ kind }) => kind)).toEqual(["header"]);
    expect(found.outcome).toMatchObject({ opens: true, sequence: sequence + 1, files: [18] });
  });

  test("a torn header that a change has discarded is no lost generation", async () => {
    const { image, slot, sequence } = await twoGenerations();
    damage(image, 1 - slot, (bytes) => bytes.fill(0xff));
    const found = await plan(image, { container: "raw", sectorSize: 512 });
    expect(found.choices).toEqual([]);
    expect(found.outcome).toMatchObject({ opens: true, sequence: sequence + 1 });
  });

  test("a raw image whose sector size is not known is left alone", async () => {
    const { image } = await twoGenerations();
    image.fill(0x55, 512, 1024);
    const { writes, notes } = await plan(image);
    expect(writes).toEqual([]);
    expect(notes.join()).toContain("the sector size of the raw image is not known");
  });
});

test("dropped content is saved before anything is written over it", async () => {
  const image = await goldenImage("corrupt-entry-valid-huge");
  const found = await plan(image);
  const saved = (await found.saves[0]?.read()) as Uint8Array;
  expect(saved.length).toBe(32_768);
  expect(firstDifference(repaired(image, found).slice(6 * 4096, 14 * 4096), saved)).toBeNull();
});
