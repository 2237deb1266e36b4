/** Writing, moving and deleting files, plain and encrypted, locked and unlocked. */

import { beforeEach, describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { patterned } from "../../test/golden-data.ts";
import {
  type FreshStore,
  firstDifference,
  freshStore,
  headersOf,
  placesOf,
  stateOn,
  testKey,
} from "../../test/store-fixtures.ts";
import type { MemoryDisk } from "../disk/index.ts";
import { toHex } from "../layout/index.ts";
import { type Change, openStore, openWritableStore, storeSpace, type WritableStore } from "./index.ts";

const key = testKey(1);
const content = (fill: number) => patterned(5000, fill);

/** An encrypted store with file 1 plain and file 3 encrypted; opened anew, and so locked. */
async function lockedStore(): Promise<FreshStore> {
  const { disk, store } = await freshStore({ key });
  await store.write(1, content(1));
  await store.writeEncrypted(3, content(3));
  return { disk, store: await openWritableStore(disk) };
}

/** Checks that an action is refused and changes not one byte of the image, nor what the store says. */
async function refused(disk: MemoryDisk, store: WritableStore, action: () => Promise<unknown>) {
  const image = disk.image.slice();
  const state = store.state;
  const error = await errorOf(action);
  expect(firstDifference(disk.image, image)).toBeNull();
  expect(store.state).toBe(state);
  return error.code;
}

describe("a file is written and read back", () => {
  test.each([0, 1, 511, 512, 513, 4095, 4096, 4097, 8192, 40_000])("with %i bytes", async (length) => {
    for (const options of [{}, { key }, { sectorSize: 4096 } as const]) {
      const { disk, store } = await freshStore(options);
      await store.write(1, patterned(length, 1));
      await store.writeEncrypted(3, patterned(length, 3));
      const reopened = await openStore(disk, options.key && { key: options.key });
      expect(await reopened.readFile(1)).toEqual(patterned(length, 1));
      expect(await reopened.readFile(3)).toEqual(patterned(length, 3));
      expect(reopened.files.map(({ id, bytes, blocks }) => [id, bytes, blocks])).toEqual([
        [1, length, Math.max(1, Math.ceil(length / 4096))],
        [3, length, Math.max(1, Math.ceil(length / 4096))],
      ]);
      expect(reopened.files[1]?.encrypted).toBe(options.key !== undefined);
    }
  });

  test("with the rest of its last block filled with zeros: nothing older stays behind it", async () => {
    for (const sectorSize of [512, 4096] as const) {
      const { disk, store } = await freshStore({ sectorSize });
      disk.image.fill(0xee, 4 * 4096);
      await store.write(18, patterned(600, 1));
      const at = (stateOn(disk).files.get(18)?.block ?? 0) * 4096;
      expect(disk.image.subarray(at, at + 600)).toEqual(patterned(600, 1));
      expect(disk.image.subarray(at + 600, at + 4096).every((byte) => byte === 0)).toBe(true);
    }
  });

  test("encrypted: the stored bytes are as long, and not the content", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const raw = await (await openStore(disk)).readRaw(3);
    expect(raw.length).toBe(5000);
    expect(toHex(raw)).not.toContain(toHex(content(3).subarray(0, 16)));
  });

  test("encrypted with its own new key and nonce at every write", async () => {
    const { store } = await freshStore({ key });
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      await store.writeEncrypted(3, content(3));
      const record = store.state.files.get(3);
      const fileKey = store.state.unlocked?.fileKeys.get(3);
      expect([record?.attributes, fileKey?.attributes]).toEqual([3, 3]);
      seen.add(toHex(record?.nonce ?? key)).add(toHex(fileKey?.key.expose() ?? key));
    }
    expect(seen.size).toBe(6);
  });

  test("'encrypted' in a store without encryption, which is plain", async () => {
    const { disk, store } = await freshStore();
    await store.writeEncrypted(3, content(3));
    expect(stateOn(disk).files.get(3)?.attributes).toBe(0);
    expect(await (await openStore(disk)).readFile(3)).toEqual(content(3));
  });

  test("under an ID without a name", async () => {
    const { store } = await freshStore();
    for (const id of [12, 20, 62]) {
      await store.write(id, content(id));
      expect(await store.readFile(id)).toEqual(content(id));
    }
  });
});

describe("file IDs that a user can't touch", () => {
  test.each([0, 63, 64, 4_294_967_295, -1, 3.5, Number.NaN])("%d is refused everywhere", async (id) => {
    const { disk, store } = await freshStore();
    await store.write(18, content(18));
    const actions = [
      () => store.readFile(id),
      () => store.readRaw(id),
      () => store.write(id, content(1)),
      () => store.writeEncrypted(id, content(1)),
      () => store.delete(id),
      () => store.move(id, 20),
      () => store.move(18, id),
      () => store.move(18, id, { overwrite: true }),
    ];
    for (const action of actions) {
      expect(await refused(disk, store, action)).toBe("VMGS_INVALID_FILE_ID");
    }
  });
});

describe("a store without enough room", () => {
  test("refuses and stays as it is, byte for byte", async () => {
    const { disk, store } = await freshStore({ blocks: 12 });
    await store.write(1, patterned(3 * 4096, 1));
    const { freeBlocks, largestFreeRun } = storeSpace(store.state);
    // One block of the free ones goes to the new file table.
    expect([freeBlocks, largestFreeRun]).toEqual([5, 4]);
    const code = await refused(disk, store, () => store.write(3, patterned(4 * 4096 + 1, 3)));
    expect(code).toBe("VMGS_INSUFFICIENT_SPACE");
    await store.write(3, patterned(4 * 4096, 3));
    expect(await store.readFile(1)).toEqual(patterned(3 * 4096, 1));
  });

  test("refuses a file larger than the disk before taking memory for it", async () => {
    const { disk, store } = await freshStore();
    expect(await refused(disk, store, () => store.write(1, new Uint8Array(2 ** 28)))).toBe(
      "VMGS_INSUFFICIENT_SPACE",
    );
  });

  test("counts the blocks of the version that is replaced as taken", async () => {
    const { disk, store } = await freshStore({ blocks: 12 });
    await store.write(1, patterned(4 * 4096, 1));
    expect(await refused(disk, store, () => store.write(1, patterned(5 * 4096, 2)))).toBe(
      "VMGS_INSUFFICIENT_SPACE",
    );
  });

  test("places all files of a transaction before anything is written", async () => {
    const { disk, store } = await freshStore({ blocks: 8 });
    const changes: Change[] = [1, 2, 3, 4].map((fileId) => ({ kind: "write", fileId, content: content(1) }));
    expect(await refused(disk, store, () => store.commit(changes))).toBe("VMGS_INSUFFICIENT_SPACE");
  });
});

describe("a move", () => {
  test("changes the ID and leaves the data where they are", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    const before = store.state.files.get(1);
    await store.move(1, 20);
    const state = stateOn(disk);
    expect(state.files.get(20)?.block).toBe(before?.block);
    expect(state.files.has(1)).toBe(false);
    expect(await store.readFile(20)).toEqual(content(1));
  });

  test("takes the key of an encrypted file along", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    await store.move(3, 20);
    const reopened = await openStore(disk, { key });
    expect(await reopened.readFile(20)).toEqual(content(3));
    expect([...(reopened.state.unlocked?.fileKeys.keys() ?? [])].sort((a, b) => a - b)).toEqual([0, 20, 63]);
  });

  test("onto an existing file needs permission, and then replaces it", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    await store.write(2, content(2));
    expect(await refused(disk, store, () => store.move(1, 2))).toBe("VMGS_FILE_ALLOCATED");
    await store.move(1, 2, { overwrite: true });
    expect(await store.readFile(2)).toEqual(content(1));
    expect(store.files.map(({ id }) => id)).toEqual([2]);
  });

  test("onto itself needs permission as well, and then writes nothing", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    expect(await refused(disk, store, () => store.move(1, 1))).toBe("VMGS_FILE_ALLOCATED");
    const [before, { sequence }] = [disk.image.slice(), store.state.header];
    await store.move(1, 1, { overwrite: true });
    expect(firstDifference(disk.image, before)).toBeNull();
    expect(store.state.header.sequence).toBe(sequence);
    const itself = { kind: "move", fileId: 1, to: 1, overwrite: true } as const;
    await store.commit([itself, { kind: "write", fileId: 2, content: content(2) }]);
    expect([await store.readFile(1), await store.readFile(2)]).toEqual([content(1), content(2)]);
  });

  test("of a file that is not there is refused", async () => {
    const { disk, store } = await freshStore();
    expect(await refused(disk, store, () => store.move(1, 2))).toBe("VMGS_FILE_NOT_ALLOCATED");
    expect(await refused(disk, store, () => store.move(1, 1))).toBe("VMGS_FILE_NOT_ALLOCATED");
  });

  test("in a locked store is refused, whatever the file: its key would be lost", async () => {
    const { disk, store } = await lockedStore();
    expect(await refused(disk, store, () => store.move(3, 20))).toBe("VMGS_NEEDS_UNLOCK");
    expect(await refused(disk, store, () => store.move(1, 20))).toBe("VMGS_NEEDS_UNLOCK");
  });
});

describe("a delete", () => {
  test("removes the file and frees its blocks; its bytes stay on the disk", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    const at = (store.state.files.get(1)?.block ?? 0) * 4096;
    const { freeBlocks } = storeSpace(store.state);
    await store.delete(1);
    expect(store.files).toEqual([]);
    expect(storeSpace(stateOn(disk)).freeBlocks).toBe(freeBlocks + 2);
    expect(disk.image.subarray(at, at + 5000)).toEqual(content(1));
    expect(await codeOf(() => store.readFile(1))).toBe("VMGS_FILE_NOT_ALLOCATED");
  });

  test("of a file that is not there is refused", async () => {
    const { disk, store } = await freshStore();
    expect(await refused(disk, store, () => store.delete(1))).toBe("VMGS_FILE_NOT_ALLOCATED");
  });

  test("of an encrypted file also drops its key", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    await store.delete(3);
    await store.write(3, content(4));
    const reopened = await openStore(disk, { key });
    expect(reopened.state.unlocked?.fileKeys.get(3)?.key.isZero()).toBe(true);
    expect(await reopened.readFile(3)).toEqual(content(4));
  });
});

describe("a locked store", () => {
  let locked: FreshStore;
  beforeEach(async () => {
    locked = await lockedStore();
  });

  test("shows its files, reads plain ones, and encrypted ones only raw", async () => {
    const { store } = locked;
    expect(store.files.map(({ id, encrypted, readable }) => [id, encrypted, readable])).toEqual([
      [1, false, true],
      [3, true, false],
    ]);
    expect(await store.readFile(1)).toEqual(content(1));
    expect(await codeOf(() => store.readFile(3))).toBe("VMGS_NEEDS_UNLOCK");
    expect((await store.readRaw(3)).length).toBe(5000);
  });

  test("takes plain files, and leaves the extended file table and the key slots as they are", async () => {
    const { disk, store } = locked;
    const before = store.state;
    await store.write(20, content(20));
    const { state } = await openStore(disk, { key });
    expect(state.files.get(63)?.block).toBe(before.files.get(63)?.block);
    expect(toHex(state.header.metadataKeys[0]?.nonce ?? key)).toBe(
      toHex(before.header.metadataKeys[0]?.nonce ?? key),
    );
    const unlocked = await openStore(disk, { key });
    expect(await unlocked.readFile(3)).toEqual(content(3));
    expect(await unlocked.readFile(20)).toEqual(content(20));
  });

  test("refuses encrypted writes, also of new files", async () => {
    const { disk, store } = locked;
    expect(await refused(disk, store, () => store.writeEncrypted(3, content(4)))).toBe("VMGS_NEEDS_UNLOCK");
    expect(await refused(disk, store, () => store.writeEncrypted(20, content(4)))).toBe("VMGS_NEEDS_UNLOCK");
  });

  test("lets files be deleted, and the rest still opens with the key", async () => {
    const { disk, store } = locked;
    await store.delete(3);
    const unlocked = await openWritableStore(disk, { key });
    expect(unlocked.files.map(({ id }) => id)).toEqual([1]);
    expect(await unlocked.readFile(1)).toEqual(content(1));
    await unlocked.writeEncrypted(3, content(5));
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(content(5));
  });
});

describe("a plain write onto an encrypted file", () => {
  test("is refused, locked or not, unless it is allowed", async () => {
    const { disk, store } = await lockedStore();
    expect(await refused(disk, store, () => store.write(3, content(4)))).toBe("VMGS_OVERWRITE_ENCRYPTED");
    await store.unlock(key);
    expect(await refused(disk, store, () => store.write(3, content(4)))).toBe("VMGS_OVERWRITE_ENCRYPTED");
    await store.write(3, content(4), { overwriteEncrypted: true });
    const reopened = await openStore(disk);
    expect(await reopened.readFile(3)).toEqual(content(4));
  });

  test("that is allowed while locked is read by the file table, also after unlocking", async () => {
    const { disk, store } = await lockedStore();
    await store.write(3, content(4), { overwriteEncrypted: true });
    const unlocked = await openStore(disk, { key });
    expect(await unlocked.readFile(3)).toEqual(content(4));
  });

  test("in the same transaction as its encrypted write is refused as well", async () => {
    const { disk, store } = await freshStore({ key });
    const changes: Change[] = [
      { kind: "write", fileId: 3, content: content(3), encrypt: true },
      { kind: "write", fileId: 3, content: content(4) },
    ];
    expect(await refused(disk, store, () => store.commit(changes))).toBe("VMGS_OVERWRITE_ENCRYPTED");
  });
});

describe("several changes", () => {
  test("are one transaction: one sequence number, all or nothing", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    await store.write(2, content(2));
    const { placed, freed } = await store.commit([
      { kind: "delete", fileId: 1 },
      { kind: "move", fileId: 2, to: 1 },
      { kind: "write", fileId: 18, content: content(18) },
      { kind: "write", fileId: 3, content: content(3) },
      { kind: "markReprovisioned", value: true },
    ]);
    expect(headersOf(stateOn(disk))).toBe("slot 1, sequence 4, table 4");
    expect(placed.map(({ fileId }) => fileId)).toEqual([0, 3, 18]);
    expect(freed.map(({ blocks }) => blocks)).toEqual([1, 2]);
    const reopened = await openStore(disk);
    expect(reopened.files.map(({ id }) => id)).toEqual([1, 3, 18]);
    expect(await reopened.readFile(1)).toEqual(content(2));
    expect(reopened.state.header.markers).toBe(1);
  });

  test("of which one is refused leave nothing of the others", async () => {
    const { disk, store } = await freshStore();
    const changes: Change[] = [
      { kind: "write", fileId: 1, content: content(1) },
      { kind: "delete", fileId: 2 },
    ];
    expect(await refused(disk, store, () => store.commit(changes))).toBe("VMGS_FILE_NOT_ALLOCATED");
  });

  test("see each other in order", async () => {
    const { disk, store } = await freshStore();
    await store.commit([
      { kind: "write", fileId: 1, content: content(1) },
      { kind: "move", fileId: 1, to: 2 },
      { kind: "write", fileId: 1, content: content(3) },
      { kind: "write", fileId: 4, content: content(4) },
      { kind: "delete", fileId: 4 },
    ]);
    const reopened = await openStore(disk);
    expect(reopened.files.map(({ id }) => id)).toEqual([1, 2]);
    expect(await reopened.readFile(1)).toEqual(content(3));
    expect(await reopened.readFile(2)).toEqual(content(1));
  });

  test("can begin encryption and write encrypted at once", async () => {
    const { disk, store } = await freshStore();
    const { unlocked } = (await freshStore({ key })).store.state;
    if (unlocked === null) throw new Error("a store with a key is unlocked");
    await store.commit([
      { kind: "addKey", key: unlocked.datastoreKey },
      { kind: "write", fileId: 3, content: content(3), encrypt: true },
    ]);
    expect(headersOf(stateOn(disk))).toBe("slot 1, sequence 2, table 4");
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(content(3));
  });

  test("are planned without a byte being written", async () => {
    const { disk, store } = await freshStore();
    const image = disk.image.slice();
    const { placed, commit, next } = await store.plan([{ kind: "write", fileId: 18, content: content(1) }]);
    expect(
      placed.map(({ fileId, block, blocks, byteLength, encrypted }) => [
        fileId,
        block,
        blocks,
        byteLength,
        encrypted,
      ]),
    ).toEqual([
      [0, 4, 1, 4096, false],
      [18, 5, 2, 5000, false],
    ]);
    expect([commit?.offset, commit?.bytes.length]).toEqual([512, 512]);
    expect(placesOf(next)).toEqual(["0 at 4+1", "18 at 5+2", "63 at 3+1"]);
    expect(firstDifference(disk.image, image)).toBeNull();
    expect(store.state.header.sequence).toBe(1);
  });

  test("of none are refused", async () => {
    const { disk, store } = await freshStore();
    expect(await refused(disk, store, () => store.commit([]))).toBe("VMGS_NOTHING_TO_CHANGE");
  });
});

test("the reprovisioned marker is set and cleared by one header write each", async () => {
  const { disk, store } = await freshStore();
  for (const [value, sequence] of [
    [true, 2],
    [true, 3],
    [false, 4],
  ] as const) {
    const { content: writes } = await store.commit([{ kind: "markReprovisioned", value }]);
    expect(writes).toEqual([]);
    const { header, files } = stateOn(disk);
    expect([header.markers, header.sequence, header.fileTableOffset]).toEqual([value ? 1 : 0, sequence, 2]);
    expect(files.size).toBe(2);
  }
});

test("other changes keep the reprovisioned marker", async () => {
  const { disk, store } = await freshStore();
  await store.commit([{ kind: "markReprovisioned", value: true }]);
  await store.write(18, content(1));
  expect(stateOn(disk).header.markers).toBe(1);
});
