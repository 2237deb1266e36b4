/** Nonces, fresh keys, and the zero metadata key flaw: what is written into an encrypted store. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { goldenImage, goldenStores, patterned } from "../../test/golden-data.ts";
import { countingRandom, freshStore, stateOn, testKey } from "../../test/store-fixtures.ts";
import { type MemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { header as headerLayout, type MetadataKeySlot } from "../format/index.ts";
import { decode, encode, fromHex, toHex } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { run } from "../steps/index.ts";
import { type Change, openStore, openWritableStore, type StoreState } from "./index.ts";
import { transactionSteps, zeroMetadataKeySteps } from "./rooms.ts";

const keyA = testKey(1);
const keyB = testKey(2);
const content = patterned(5000, 1);

const slotOf = (state: StoreState, slot: 0 | 1) => state.header.metadataKeys[slot] as MetadataKeySlot;
const nonceOf = (state: StoreState, fileId: number) => toHex(state.files.get(fileId)?.nonce ?? keyA);
const counterOf = (nonce: Uint8Array) =>
  new DataView(nonce.buffer, nonce.byteOffset, nonce.byteLength).getBigUint64(4, true);
const randomPartOf = (nonce: Uint8Array) => toHex(nonce.subarray(0, 4));
const hasZeroKey = (disk: MemoryDisk) => run(zeroMetadataKeySteps(stateOn(disk)), disk);

/** Plans changes with countable "random" bytes. */
async function planned(state: StoreState, changes: readonly Change[]) {
  const random = countingRandom();
  const { next } = await run(transactionSteps(state, changes, random), {
    read: () => Promise.reject(new Error("planning reads nothing")),
  });
  return { next, asked: random.asked };
}

const writeSealed: Change = { kind: "write", fileId: 3, content, encrypt: true };

describe("nonces", () => {
  test("of files are 4 random bytes and a counter of 0, new at every write", async () => {
    const { store } = await freshStore({ key: keyA });
    const { next, asked } = await planned(store.state, [writeSealed]);
    // Key and nonce of the file, metadata key, nonce of the extended file table, nonce of the key slot.
    expect(asked).toEqual([32, 4, 32, 4, 4]);
    expect(nonceOf(next, 3)).toBe(`02020202${"00".repeat(8)}`);
    expect(next.unlocked?.fileKeys.get(3)?.key.equals(new Secret(new Uint8Array(32).fill(1)))).toBe(true);
  });

  test("of the extended file table are new, under a metadata key that is new, at every write", async () => {
    const { store } = await freshStore({ key: keyA });
    const { next } = await planned(store.state, [writeSealed]);
    expect(nonceOf(next, 63)).toBe(`04040404${"00".repeat(8)}`);
    expect(next.unlocked?.metadataKey.equals(new Secret(new Uint8Array(32).fill(3)))).toBe(true);
    const plain = await planned(store.state, [{ kind: "write", fileId: 1, content }]);
    expect(plain.asked).toEqual([32, 4, 4]);
    const deleted = await planned(next, [{ kind: "delete", fileId: 3 }]);
    expect(deleted.asked).toEqual([32, 4, 4]);
  });

  test("of a key slot begin at counter 0 and count up, with new random bytes each time", async () => {
    const { store } = await freshStore({ key: keyA });
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { nonce } = slotOf(store.state, 0);
      expect(counterOf(nonce)).toBe(BigInt(i));
      seen.push(randomPartOf(nonce));
      await store.writeEncrypted(3, content);
    }
    expect(new Set(seen).size).toBe(4);
  });

  test("of a key slot go on from what the disk says, and wrap at 2^64", async () => {
    const { store } = await freshStore({ key: keyA });
    const nonce = new Uint8Array(12).fill(0xff);
    const slots = [{ ...slotOf(store.state, 0), nonce }, slotOf(store.state, 1)];
    const plain = decode(headerLayout, encode(headerLayout, store.state.header));
    const header = { ...plain, metadataKeys: slots };
    const { next } = await planned({ ...store.state, header }, [writeSealed]);
    expect(toHex(slotOf(next, 0).nonce)).toBe(`05050505${"00".repeat(8)}`);
  });

  test("of a second key are new, and the first slot stays as it is", async () => {
    const { store } = await freshStore({ key: keyA });
    await store.writeEncrypted(3, content);
    const before = slotOf(store.state, 0);
    const { next, asked } = await planned(store.state, [{ kind: "addKey", key: new Secret(keyB) }]);
    expect(asked).toEqual([4]);
    expect(toHex(slotOf(next, 1).nonce)).toBe(`01010101${"00".repeat(8)}`);
    expect(toHex(slotOf(next, 0).encryptedMetadataKey)).toBe(toHex(before.encryptedMetadataKey));
  });

  test("of a store that is not encrypted are not needed: nothing random is asked for", async () => {
    const { store } = await freshStore();
    const { next, asked } = await planned(store.state, [
      writeSealed,
      { kind: "markReprovisioned", value: true },
    ]);
    expect(asked).toEqual([]);
    expect(nonceOf(next, 3)).toBe("00".repeat(12));
  });

  test("and keys are drawn again when a key would be zero", async () => {
    const { store } = await freshStore({ key: keyA });
    let first = true;
    const random = (length: number) => {
      const bytes = new Uint8Array(length).fill(first && length === 32 ? 0 : 9);
      if (length === 32) first = false;
      return bytes;
    };
    const { next } = await run(transactionSteps(store.state, [writeSealed], random), {
      read: () => Promise.reject(new Error("planning reads nothing")),
    });
    expect(next.unlocked?.fileKeys.get(3)?.key.isZero()).toBe(false);
  });
});

describe("the extended file table", () => {
  test("is encrypted, attributes 3, and holds the key of each encrypted file alone", async () => {
    const { disk, store } = await freshStore({ key: keyA });
    await store.write(1, content);
    await store.writeEncrypted(3, content);
    const { state } = await openStore(disk, { key: keyA });
    expect(state.files.get(63)?.attributes).toBe(3);
    const keys = [...(state.unlocked?.fileKeys ?? [])];
    expect(keys.map(([id, { attributes, key }]) => [id, attributes, key.isZero()])).toEqual([
      [0, 0, true],
      [1, 0, true],
      [3, 3, false],
      [63, 0, true],
    ]);
  });

  test("of old writers, whose entry says plain, opens, and is marked right at the next write", async () => {
    const disk = openMemoryDisk(await goldenImage("corrupt-enc-eft-attr-zero"));
    const hex = goldenStores.find(({ name }) => name === "corrupt-enc-eft-attr-zero")?.keys[0] ?? "";
    const key = fromHex(hex) as Uint8Array;
    expect(stateOn(disk).files.get(63)?.attributes).toBe(0);
    const store = await openWritableStore(disk, { key });
    await store.write(20, content);
    expect(stateOn(disk).files.get(63)?.attributes).toBe(3);
    expect(await codeOf(() => openStore(disk, { key }))).toBe("done");
  });

  test("is cleaned of keys that a locked writer left behind, by the first transaction after unlocking", async () => {
    const { disk, store } = await freshStore({ key: keyA });
    await store.writeEncrypted(3, content);
    await store.writeEncrypted(5, content);
    const locked = await openWritableStore(disk);
    await locked.delete(3);
    await locked.write(3, content);
    await locked.write(5, content, { overwriteEncrypted: true });
    const unlocked = await openWritableStore(disk, { key: keyA });
    expect(unlocked.state.unlocked?.fileKeys.get(3)?.attributes).toBe(3);
    expect(await unlocked.readFile(3)).toEqual(content);
    expect(await unlocked.readFile(5)).toEqual(content);
    await unlocked.write(20, content);
    const after = await openStore(disk, { key: keyA });
    for (const id of [3, 5]) {
      expect(after.state.unlocked?.fileKeys.get(id)).toMatchObject({ attributes: 0 });
      expect(after.state.unlocked?.fileKeys.get(id)?.key.isZero()).toBe(true);
      expect(await after.readFile(id)).toEqual(content);
    }
  });
});

describe("the zero metadata key flaw", () => {
  const flawed = ["zero-metadata-key", "zero-metadata-key-two-keys"];
  const keysOf = (name: string) =>
    goldenStores.find((golden) => golden.name === name)?.keys.map((hex) => fromHex(hex) as Uint8Array) ?? [];

  test.each(flawed)("%s is found without a key, and reads with one", async (name) => {
    const disk = openMemoryDisk(await goldenImage(name));
    expect(await hasZeroKey(disk)).toBe(true);
    const store = await openStore(disk, { key: keysOf(name)[0] as Uint8Array });
    for (const { id } of store.files) await store.readFile(id);
  });

  const cures: readonly [
    string,
    (store: Awaited<ReturnType<typeof openWritableStore>>) => Promise<unknown>,
  ][] = [
    ["a plain write", (store) => store.write(20, content)],
    ["an encrypted write", (store) => store.writeEncrypted(3, content)],
    ["a delete", (store) => store.delete(store.files[0]?.id ?? 0)],
    ["a change of the header only", (store) => store.commit([{ kind: "markReprovisioned", value: true }])],
  ];
  test.each(flawed.flatMap((name) => cures.map(([what, change]) => [name, what, change] as const)))(
    "%s is cured by %s",
    async (name, _, change) => {
      const disk = openMemoryDisk(await goldenImage(name));
      const [key] = keysOf(name) as [Uint8Array];
      const store = await openWritableStore(disk, { key });
      await change(store);
      expect(await hasZeroKey(disk)).toBe(false);
      const { unlocked } = (await openStore(disk, { key })).state;
      expect(unlocked?.metadataKey.isZero()).toBe(false);
      expect(nonceOf(stateOn(disk), 63)).not.toBe("00".repeat(12));
    },
  );

  test("is cured by a new key as well", async () => {
    const disk = openMemoryDisk(await goldenImage("zero-metadata-key"));
    const store = await openWritableStore(disk, { key: keysOf("zero-metadata-key")[0] as Uint8Array });
    await store.updateKey(keyB);
    expect(await hasZeroKey(disk)).toBe(false);
    expect((await openStore(disk, { key: keyB })).state.unlocked?.metadataKey.isZero()).toBe(false);
  });

  test("is not seen where there is none", async () => {
    for (const name of [
      "encrypted",
      "zero-metadata-key-cured",
      "provisioned-empty",
      "corrupt-algorithm-1-no-keys",
    ]) {
      expect(await hasZeroKey(openMemoryDisk(await goldenImage(name))), name).toBe(false);
    }
  });

  test("is never written: not by any change of an encrypted store", async () => {
    const { disk, store } = await freshStore({ key: keyA });
    const changes: (() => Promise<unknown>)[] = [
      () => store.write(1, content),
      () => store.writeEncrypted(3, content),
      () => store.move(3, 4),
      () => store.addKey(keyB),
      () => store.removeKey(0),
      () => store.updateKey(keyA),
      () => store.commit([{ kind: "markReprovisioned", value: true }]),
      () => store.delete(4),
    ];
    for (const change of changes) {
      await change();
      expect(store.state.unlocked?.metadataKey.isZero()).toBe(false);
      expect(await hasZeroKey(disk)).toBe(false);
    }
  });
});
