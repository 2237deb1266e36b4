/** Wiping free blocks and slack: what is left, what a failure leaves, and what the store says of it. */

import { describe, expect, test } from "vitest";
import { codeOf, errorOf } from "../../test/expect-error.ts";
import { goldenImage, patterned } from "../../test/golden-data.ts";
import { failing, recordingDisk } from "../../test/recording-disk.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import { isAllZero } from "../format/index.ts";
import { formatStore } from "./format-store.ts";
import { unusedRanges } from "./leftovers.ts";
import type { StoreState } from "./state.ts";
import { openStore } from "./store.ts";
import { openWritableStore } from "./writable-store.ts";

const key = testKey(1);
const ioError = () => new VmgsError("VMGS_IO", "the medium failed");

/** Whether everything that is no content of the generation is zero. */
function isClean(image: Uint8Array, state: StoreState): boolean {
  return unusedRanges(state).every(({ offset, bytes }) => isAllZero(image, offset, offset + bytes));
}

/** A store with an old generation, on a disk that another writer had filled before. */
async function usedStore() {
  const disk = recordingDisk(createMemoryDisk(64 * 4096));
  disk.image.fill(0xee, 8192);
  const store = await formatStore(disk);
  await store.write(3, patterned(5000, 3));
  await store.write(18, patterned(700, 18));
  return { disk, store };
}

/** Bytes behind the end of a file, in its last sector: what no writer of this library leaves. */
async function storeWithHiddenBytes() {
  const { disk, store } = await usedStore();
  const end = (store.state.files.get(18)?.block ?? 0) * 4096 + 700;
  disk.image.fill(0x77, end, end + 100);
  return { disk, store, end };
}

describe("wiping a store", () => {
  test("clears free blocks and slack, and leaves the files", async () => {
    const { disk, store } = await usedStore();
    const plan = await store.planWipe();
    expect(plan).toMatchObject({ slackFiles: [], relocated: [] });
    expect(plan.endsGeneration).toEqual({ sequence: 2, fileIds: [0, 3, 63] });
    expect(plan.freeBlocks).toBeGreaterThan(50);
    const { sequence } = store.state.header;
    expect(await store.wipe()).toEqual(plan);
    expect(isClean(disk.image, store.state)).toBe(true);
    expect((await openStore(disk)).state.header.sequence).toBe(sequence);
    expect(await store.readFile(3)).toEqual(patterned(5000, 3));
    expect(await store.planWipe()).toEqual({
      freeBlocks: 0,
      slackBytes: 0,
      slackFiles: [],
      relocated: [],
      endsGeneration: null,
    });
  });

  test("needs no key", async () => {
    const disk = createMemoryDisk(64 * 4096);
    const made = await formatStore(disk, { key });
    await made.write(18, patterned(700, 18));
    await made.writeEncrypted(3, patterned(5000, 3));
    await made.writeEncrypted(3, patterned(6000, 4));
    const locked = await openWritableStore(disk);
    await locked.wipe();
    expect(isClean(disk.image, locked.state)).toBe(true);
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(patterned(6000, 4));
  });

  test("of what another writer left behind files clears whole sectors in place", async () => {
    const disk = openMemoryDisk((await goldenImage("fragmented")).slice());
    const store = await openWritableStore(disk);
    const plan = await store.planWipe();
    expect(plan.slackFiles.length).toBeGreaterThan(0);
    expect(plan.relocated).toEqual([]);
    const files = await Promise.all(store.files.map(({ id }) => store.readFile(id)));
    await store.wipe();
    expect(isClean(disk.image, store.state)).toBe(true);
    expect(await Promise.all(store.files.map(({ id }) => store.readFile(id)))).toEqual(files);
  });

  test("moves a file with bytes behind its end in the same sector, and never writes that sector again", async () => {
    const { disk, store, end } = await storeWithHiddenBytes();
    expect(await store.planWipe()).toMatchObject({ slackFiles: [18], slackBytes: 324, relocated: [18] });
    const block = store.state.files.get(18)?.block;
    disk.events.length = 0;
    await store.wipe();
    expect(store.state.files.get(18)?.block).not.toBe(block);
    expect(await (await openStore(disk)).readFile(18)).toEqual(patterned(700, 18));
    expect(isClean(disk.image, store.state)).toBe(true);
    const commit = disk.events.findIndex((event) => event.kind === "write" && event.offset < 8192);
    const writes = disk.events.slice(0, commit).flatMap((event) => (event.kind === "write" ? [event] : []));
    expect(writes.some(({ offset, bytes }) => offset <= end && end < offset + bytes.length)).toBe(false);
  });

  test("moves an encrypted file of a locked store as it is stored", async () => {
    const disk = createMemoryDisk(64 * 4096);
    const made = await formatStore(disk, { key });
    await made.writeEncrypted(3, patterned(700, 3));
    const end = (made.state.files.get(3)?.block ?? 0) * 4096 + 700;
    disk.image.fill(0x77, end, end + 8);
    const locked = await openWritableStore(disk);
    expect((await locked.wipe()).relocated).toEqual([3]);
    expect(isClean(disk.image, locked.state)).toBe(true);
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(patterned(700, 3));
  });

  test("together with a change moves such files in the same transaction", async () => {
    const { disk, store } = await storeWithHiddenBytes();
    const { sequence } = store.state.header;
    const changes = [{ kind: "delete", fileId: 3 }] as const;
    expect((await store.plan(changes, { wipe: true })).placed.map(({ fileId }) => fileId)).toEqual([0, 18]);
    await store.commit(changes, { wipe: true });
    expect(store.state.header.sequence).toBe(sequence + 1);
    expect(isClean(disk.image, store.state)).toBe(true);
  });

  test("with files that share blocks is refused: slack of one may be content of the other", async () => {
    const disk = openMemoryDisk((await goldenImage("corrupt-entry-overlap")).slice());
    const store = await openWritableStore(disk);
    const image = disk.image.slice();
    expect(await codeOf(() => store.wipe())).toBe("VMGS_OVERLAPPING_FILES");
    expect(await codeOf(() => store.planWipe())).toBe("VMGS_OVERLAPPING_FILES");
    expect(isSame(disk.image, image)).toBe(true);
  });
});

describe("wiping that fails", () => {
  test("after a commit says that the change is done, with its sequence", async () => {
    const { disk, store } = await usedStore();
    const { sequence } = store.state.header;
    let committed = false;
    disk.before = failing((event) => {
      if (committed && event.kind === "write") return true;
      committed ||= event.kind === "write" && event.offset < 8192;
      return false;
    }, ioError);
    const error = await errorOf(() => store.write(18, patterned(10, 1), { wipe: true }));
    expect(error).toMatchObject({ code: "VMGS_WIPE_INCOMPLETE", facts: { sequence: sequence + 1 } });
    expect(error.cause).toMatchObject({ code: "VMGS_IO" });
    disk.before = () => undefined;
    expect((await openStore(disk)).state.header.sequence).toBe(sequence + 1);
    expect(await store.readFile(18)).toEqual(patterned(10, 1));
    await store.wipe();
    expect(isClean(disk.image, store.state)).toBe(true);
  });

  test("leaves the generation before wiped, not damaged", async () => {
    const { disk, store } = await usedStore();
    let writes = 0;
    disk.before = failing((event) => event.kind === "write" && ++writes > 1, ioError);
    expect(await codeOf(() => store.wipe())).toBe("VMGS_WIPE_INCOMPLETE");
    const error = await errorOf(() => openStore(disk, { generation: "previous" }));
    expect(error).toMatchObject({ code: "VMGS_GENERATION_WIPED", facts: { sequence: 2 } });
  });

  test("because it was aborted says so as well, and before it began changes nothing", async () => {
    const { disk, store } = await usedStore();
    const image = disk.image.slice();
    await expect(store.wipe({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(isSame(disk.image, image)).toBe(true);
    const controller = new AbortController();
    disk.before = (event) => {
      if (event.kind === "write" && event.offset < 8192) controller.abort();
    };
    const { signal } = controller;
    expect(await codeOf(() => store.delete(18, { wipe: true, signal }))).toBe("VMGS_WIPE_INCOMPLETE");
    expect((await openStore(disk)).files.map(({ id }) => id)).toEqual([3]);
  });
});

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
