/** Datastore keys: adding, removing, updating, and what opens what. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, goldenStores, patterned } from "../../test/golden-data.ts";
import { firstDifference, freshStore, stateOn, testKey } from "../../test/store-fixtures.ts";
import { type MemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { FileId, fileTableEntry, isEmptyKeySlot } from "../format/index.ts";
import { fromHex, toHex } from "../layout/index.ts";
import { Secret } from "../secret/index.ts";
import { openStore, openWritableStore, protectionOf, usedKeySlots, type WritableStore } from "./index.ts";
import { writableStore } from "./rooms.ts";

const keyA = testKey(1);
const keyB = testKey(2);
const keyC = testKey(3);
const content = (fill: number) => patterned(5000, fill);

const slotsOf = (store: WritableStore) => usedKeySlots(store.state.header);

async function refused(disk: MemoryDisk, store: WritableStore, action: () => Promise<unknown>) {
  const image = disk.image.slice();
  const { code } = await errorOf(action);
  expect(firstDifference(disk.image, image)).toBeNull();
  expect(store.state.header.sequence).toBe(stateOn(disk).header.sequence);
  return code;
}

/** Which of the keys open the store on the disk and read file 3. */
async function openers(disk: MemoryDisk): Promise<string> {
  const found: string[] = [];
  for (const [name, key] of [
    ["A", keyA],
    ["B", keyB],
    ["C", keyC],
  ] as const) {
    const code = await codeOf(async () => {
      const store = await openStore(disk, { key });
      expect(await store.readFile(3)).toEqual(content(3));
    });
    if (code === "done") found.push(name);
    else expect(["VMGS_WRONG_KEY", "VMGS_EXTENDED_FILE_TABLE"]).toContain(code);
  }
  return found.join("");
}

async function withFile3(key: Uint8Array = keyA) {
  const fresh = await freshStore({ key });
  await fresh.store.writeEncrypted(3, content(3));
  return fresh;
}

describe("a key is checked before anything is done with it", () => {
  test.each<[string, Uint8Array, string]>([
    ["31 bytes", keyA.subarray(1), "VMGS_KEY_LENGTH"],
    ["33 bytes", new Uint8Array(33).fill(1), "VMGS_KEY_LENGTH"],
    ["16 bytes", keyA.subarray(16), "VMGS_KEY_LENGTH"],
    ["no bytes", new Uint8Array(0), "VMGS_KEY_LENGTH"],
    ["32 zeros", new Uint8Array(32), "VMGS_KEY_ZERO"],
  ])("%s", async (_, key, code) => {
    const plain = await freshStore();
    expect(await refused(plain.disk, plain.store, () => plain.store.addKey(key))).toBe(code);
    expect(await refused(plain.disk, plain.store, () => plain.store.updateKey(key))).toBe(code);
    const change = { kind: "addKey", key: new Secret(key) } as const;
    expect(await refused(plain.disk, plain.store, () => plain.store.commit([change]))).toBe(code);
    const { disk, store } = await withFile3();
    expect(await refused(disk, store, () => store.unlock(key))).toBe(code);
    expect(await codeOf(() => openStore(disk, { key }))).toBe(code);
    expect(await codeOf(() => openWritableStore(disk, { key: new Secret(key) }))).toBe(code);
  });
});

describe("the first key", () => {
  test("begins encryption: algorithm, slot 0, new tables; files that exist stay plain", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    const before = store.state;
    await store.addKey(keyA);
    const state = stateOn(disk);
    expect(state.header.encryptionAlgorithm).toBe(1);
    expect(usedKeySlots(state.header)).toEqual([0]);
    expect(state.header.sequence).toBe(before.header.sequence + 1);
    expect(state.files.get(0)?.block).not.toBe(before.files.get(0)?.block);
    expect(state.files.get(63)).toMatchObject({ attributes: 3, byteLength: 4096 });
    expect(state.files.get(63)?.block).not.toBe(before.files.get(63)?.block);
    expect(await (await openStore(disk)).readFile(1)).toEqual(content(1));
    expect(state.files.get(1)?.block).toBe(before.files.get(1)?.block);
  });

  test("leaves the store unlocked for the one who added it", async () => {
    const { disk, store } = await freshStore();
    await store.addKey(keyA);
    await store.writeEncrypted(3, content(3));
    expect(await openers(disk)).toBe("A");
  });
});

describe("a second key", () => {
  test("takes the other slot, and then either opens the store", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyB);
    expect(slotsOf(store)).toEqual([0, 1]);
    expect(store.state.unlocked?.keySlot).toBe(1);
    expect(await openers(disk)).toBe("AB");
  });

  test("is one header write: no table is touched", async () => {
    const { disk, store } = await withFile3();
    const before = store.state;
    await store.addKey(keyB);
    const { header, files } = stateOn(disk);
    expect(header.fileTableOffset).toBe(before.header.fileTableOffset);
    expect(files.get(63)?.block).toBe(before.files.get(63)?.block);
    expect(toHex(header.metadataKeys[0]?.nonce ?? keyA)).toBe(
      toHex(before.header.metadataKeys[0]?.nonce ?? keyA),
    );
  });

  test("takes slot 0 when only slot 1 is in use", async () => {
    const { disk, store } = await withFile3();
    await store.updateKey(keyB);
    expect(slotsOf(store)).toEqual([1]);
    await store.addKey(keyC);
    expect(store.state.unlocked?.keySlot).toBe(0);
    expect(await openers(disk)).toBe("BC");
  });

  test("leaves no room for a third", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyB);
    expect(await refused(disk, store, () => store.addKey(keyC))).toBe("VMGS_KEYS_FULL");
  });

  test("makes the other slot stale at the next write, which is told as such", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyB);
    await store.write(1, content(1));
    expect(await openers(disk)).toBe("B");
    const error = await errorOf(() => openStore(disk, { key: keyA }));
    expect(error.code).toBe("VMGS_EXTENDED_FILE_TABLE");
    expect(error.message).toMatch(/key slot 0 is stale/);
  });

  test("that equals the first does not lock the store when one of the slots gets stale", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyA);
    await store.write(1, content(1));
    expect(await openers(disk)).toBe("A");
    const reopened = await openWritableStore(disk, { key: keyA });
    expect(reopened.state.unlocked?.keySlot).toBe(1);
    await reopened.write(1, content(2));
    expect(await openers(disk)).toBe("A");
  });

  test("can't be added to a locked store", async () => {
    const { disk } = await withFile3();
    const locked = await openWritableStore(disk);
    expect(await refused(disk, locked, () => locked.addKey(keyB))).toBe("VMGS_NEEDS_UNLOCK");
    expect(await refused(disk, locked, () => locked.updateKey(keyB))).toBe("VMGS_NEEDS_UNLOCK");
  });
});

describe("removing a key", () => {
  test("clears its slot, all 64 bytes", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyB);
    await store.removeKey(0);
    const [slot] = stateOn(disk).header.metadataKeys;
    expect(slot && isEmptyKeySlot(slot) && toHex(slot.nonce) + toHex(slot.authenticationTag)).toBe(
      "00".repeat(28),
    );
    expect(await openers(disk)).toBe("B");
  });

  test("that opened the store is refused while there is another, which may be stale", async () => {
    const { disk, store } = await withFile3();
    await store.addKey(keyB);
    expect(await refused(disk, store, () => store.removeKey(1))).toBe("VMGS_KEY_IN_USE");
    const withA = await openWritableStore(disk, { key: keyA });
    expect(await refused(disk, withA, () => withA.removeKey(0))).toBe("VMGS_KEY_IN_USE");
    await withA.removeKey(1);
    expect(await openers(disk)).toBe("A");
  });

  test("from an empty slot is refused", async () => {
    const { disk, store } = await withFile3();
    expect(await refused(disk, store, () => store.removeKey(1))).toBe("VMGS_KEY_SLOT_EMPTY");
  });

  test("from a store without encryption, or a locked one, is refused", async () => {
    const plain = await freshStore();
    expect(await refused(plain.disk, plain.store, () => plain.store.removeKey(0))).toBe("VMGS_NOT_ENCRYPTED");
    const { disk } = await withFile3();
    const locked = await openWritableStore(disk);
    expect(await refused(disk, locked, () => locked.removeKey(0))).toBe("VMGS_NEEDS_UNLOCK");
  });

  test("is refused for the last one while a file needs it", async () => {
    const { disk, store } = await withFile3();
    expect(await refused(disk, store, () => store.removeKey(0))).toBe("VMGS_LAST_KEY");
  });

  test("for the last one ends encryption when no file needs it", async () => {
    const { disk, store } = await freshStore({ key: keyA });
    await store.write(1, content(1));
    await store.removeKey(0);
    const state = stateOn(disk);
    expect(state.header.encryptionAlgorithm).toBe(0);
    expect(usedKeySlots(state.header)).toEqual([]);
    expect(state.files.get(63)).toMatchObject({ attributes: 0 });
    const at = (state.files.get(63)?.block ?? 0) * 4096;
    expect(disk.image.subarray(at, at + 4096).every((byte) => byte === 0)).toBe(true);
    const reopened = await openStore(disk);
    expect(await reopened.readFile(1)).toEqual(content(1));
    expect(await codeOf(() => reopened.unlock(keyA))).toBe("VMGS_NOT_ENCRYPTED");
  });
});

describe("updating the key", () => {
  test("of a store without encryption encrypts it", async () => {
    const { disk, store } = await freshStore();
    await store.updateKey(keyA);
    await store.writeEncrypted(3, content(3));
    expect(await openers(disk)).toBe("A");
    expect(slotsOf(store)).toEqual([0]);
  });

  test("leaves exactly one key, in the other slot", async () => {
    const { disk, store } = await withFile3();
    await store.updateKey(keyB);
    expect(slotsOf(store)).toEqual([1]);
    expect(await openers(disk)).toBe("B");
    await store.updateKey(keyC);
    expect(slotsOf(store)).toEqual([0]);
    expect(await openers(disk)).toBe("C");
  });

  test("of a store with two keys leaves exactly one, from whichever slot it was opened", async () => {
    for (const [opener, slot] of [
      [keyA, 1],
      [keyB, 0],
    ] as const) {
      const { disk, store } = await withFile3();
      await store.addKey(keyB);
      const reopened = await openWritableStore(disk, { key: opener });
      await reopened.updateKey(keyC);
      expect(slotsOf(reopened)).toEqual([slot]);
      expect(await openers(disk)).toBe("C");
    }
  });

  test("to the same key keeps it", async () => {
    const { disk, store } = await withFile3();
    await store.updateKey(keyA);
    expect(slotsOf(store)).toEqual([1]);
    expect(await openers(disk)).toBe("A");
  });
});

describe("unlocking", () => {
  test("a store without encryption is refused", async () => {
    const { disk } = await freshStore();
    expect(await codeOf(() => openStore(disk, { key: keyA }))).toBe("VMGS_NOT_ENCRYPTED");
  });

  test("with a wrong key is refused, and the right one still opens it", async () => {
    const { disk } = await withFile3();
    const store = await openStore(disk);
    expect(await codeOf(() => store.unlock(keyB))).toBe("VMGS_WRONG_KEY");
    expect(store.state.unlocked).toBeNull();
    await store.unlock(keyA);
    expect(await store.readFile(3)).toEqual(content(3));
    expect(await codeOf(() => store.unlock(keyB))).toBe("VMGS_WRONG_KEY");
    expect(await store.readFile(3)).toEqual(content(3));
  });

  test("a store whose file table says nothing of the extended one is refused with its reason", async () => {
    const { disk } = await withFile3();
    const entry = stateOn(disk).header.fileTableOffset * 4096 + 63 * 64;
    const sizeAt = entry + fileTableEntry.offsets.validDataSize;
    disk.image[sizeAt + 1] = 8;
    const short = await errorOf(() => openStore(disk, { key: keyA }));
    expect([short.code, short.message]).toEqual([
      "VMGS_EXTENDED_FILE_TABLE",
      "the extended file table has 2048 bytes, not 4096",
    ]);
    disk.image.fill(0, entry, entry + 64);
    const gone = await errorOf(() => openStore(disk, { key: keyA }));
    expect([gone.code, gone.message]).toEqual([
      "VMGS_EXTENDED_FILE_TABLE",
      "the store is encrypted and has no extended file table",
    ]);
  });

  test("after one bit of the extended file table was flipped is refused, and plain files still read", async () => {
    const { disk, store } = await withFile3();
    await store.write(1, content(1));
    const at = (stateOn(disk).files.get(63)?.block ?? 0) * 4096 + 100;
    disk.image[at] = (disk.image[at] as number) ^ 1;
    const error = await errorOf(() => openStore(disk, { key: keyA }));
    expect(error.code).toBe("VMGS_EXTENDED_FILE_TABLE");
    expect(error.message).toMatch(/damaged/);
    expect(error.facts.offset).toBe(at - 100);
    expect(await (await openStore(disk)).readFile(1)).toEqual(content(1));
  });

  test.each(["content", "nonce", "tag"])(
    "then reading a file whose %s was changed is refused",
    async (part) => {
      const { disk } = await withFile3();
      const state = stateOn(disk);
      const entry = state.header.fileTableOffset * 4096 + 3 * 64;
      const places = {
        content: (state.files.get(3)?.block ?? 0) * 4096 + 4999,
        nonce: entry + fileTableEntry.offsets.nonce,
        tag: entry + fileTableEntry.offsets.authenticationTag + 15,
      };
      const at = places[part as keyof typeof places];
      disk.image[at] = (disk.image[at] as number) ^ 0x80;
      const store = await openStore(disk, { key: keyA });
      const error = await errorOf(() => store.readFile(3));
      expect(error.code).toBe("VMGS_AUTHENTICATION_FAILED");
      expect(error.facts).toMatchObject({ fileId: 3 });
      expect((await store.readRaw(3)).length).toBe(5000);
    },
  );
});

describe("decrypting the store", () => {
  test("rewrites every encrypted file in plain and clears the keys, in one transaction", async () => {
    const { disk, store } = await withFile3();
    await store.write(1, content(1));
    await store.writeEncrypted(5, new Uint8Array(0));
    await store.addKey(keyB);
    const { sequence } = store.state.header;
    const plainBlock = store.state.files.get(1)?.block;
    await store.decryptAll();
    const reopened = await openStore(disk);
    expect(reopened.state.header).toMatchObject({ sequence: sequence + 1, encryptionAlgorithm: 0 });
    expect(usedKeySlots(reopened.state.header)).toEqual([]);
    expect(await reopened.readFile(1)).toEqual(content(1));
    expect(await reopened.readFile(3)).toEqual(content(3));
    expect(await reopened.readFile(5)).toEqual(new Uint8Array(0));
    expect(reopened.files.map(({ encrypted }) => encrypted)).toEqual([false, false, false]);
    expect(reopened.state.files.get(1)?.block).toBe(plainBlock);
    expect([...reopened.state.files.values()].map(({ attributes }) => attributes)).toEqual([0, 0, 0, 0, 0]);
    await store.writeEncrypted(3, content(4));
    expect(await (await openStore(disk)).readFile(3)).toEqual(content(4));
  });

  test("of a locked store, or one without encryption, is refused", async () => {
    const { disk } = await withFile3();
    const locked = await openWritableStore(disk);
    expect(await refused(disk, locked, () => locked.decryptAll())).toBe("VMGS_NEEDS_UNLOCK");
    const plain = await freshStore();
    expect(await refused(plain.disk, plain.store, () => plain.store.decryptAll())).toBe("VMGS_NOT_ENCRYPTED");
  });

  test("without room for all plain copies is refused, and leaves the store as it was", async () => {
    const { disk, store } = await freshStore({ blocks: 16, key: keyA });
    await store.writeEncrypted(3, patterned(6 * 4096, 3));
    expect(await refused(disk, store, () => store.decryptAll())).toBe("VMGS_INSUFFICIENT_SPACE");
  });

  test("with a damaged file is refused, and leaves the store as it was", async () => {
    const { disk, store } = await withFile3();
    const at = (store.state.files.get(3)?.block ?? 0) * 4096;
    disk.image[at] = (disk.image[at] as number) ^ 1;
    expect(await refused(disk, store, () => store.decryptAll())).toBe("VMGS_AUTHENTICATION_FAILED");
  });
});

test("the kind of protection is told from the files that are there", async () => {
  const kinds = async (key: Uint8Array | undefined, ...ids: number[]) => {
    const { disk, store } = await freshStore(key && { key });
    for (const id of ids) await store.write(id, content(id));
    return protectionOf(stateOn(disk));
  };
  const { KEY_PROTECTOR, VM_UNIQUE_ID } = FileId;
  expect(await kinds(undefined, KEY_PROTECTOR, VM_UNIQUE_ID)).toBe("none");
  expect(await kinds(keyA, KEY_PROTECTOR, VM_UNIQUE_ID)).toBe("gspKey");
  expect(await kinds(keyA, VM_UNIQUE_ID)).toBe("gspById");
  expect(await kinds(keyA, 1)).toBe("unknown");
});

describe("a file that only the file table calls encrypted", () => {
  /** A store in which the extended file table lost the attributes of file 3, but not its key. */
  async function halfMarked() {
    const { disk, store } = await withFile3();
    const { unlocked, files } = store.state;
    const fileKey = unlocked?.fileKeys.get(3);
    if (unlocked === null || fileKey === undefined) throw new Error("the store is unlocked");
    const state = {
      ...store.state,
      unlocked: {
        ...unlocked,
        fileKeys: new Map([...unlocked.fileKeys, [3, { ...fileKey, attributes: 0 }]]),
      },
    };
    return { disk, state, record: files.get(3), fileKey };
  }

  test("keeps its mark and its key when something else is changed", async () => {
    const { disk, state, record, fileKey } = await halfMarked();
    const store = writableStore(disk, { state });
    await store.write(1, content(1));
    const after = await openStore(disk, { key: keyA });
    expect(after.state.files.get(3)).toMatchObject({ attributes: 3, block: record?.block });
    expect(after.state.unlocked?.fileKeys.get(3)?.key.equals(fileKey.key)).toBe(true);
  });

  test("is not replaced by a plain write, and not left behind when encryption ends", async () => {
    const { disk, state } = await halfMarked();
    const store = writableStore(disk, { state });
    expect(await refused(disk, store, () => store.write(3, content(4)))).toBe("VMGS_OVERWRITE_ENCRYPTED");
    expect(await refused(disk, store, () => store.decryptAll())).toBe("VMGS_LAST_KEY");
    expect(await refused(disk, store, () => store.removeKey(0))).toBe("VMGS_LAST_KEY");
  });
});

test("both keys of the golden two-key stores open what they should", async () => {
  for (const name of ["encrypted-two-keys", "encrypted-two-keys-other"]) {
    const golden = goldenStores.find((candidate) => candidate.name === name);
    const disk = openMemoryDisk(await goldenImage(name));
    expect(golden?.keys.length).toBe(2);
    for (const hex of golden?.keys ?? []) {
      const store = await openStore(disk, { key: fromHex(hex) as Uint8Array });
      for (const file of store.files) await store.readFile(file.id);
    }
  }
});
