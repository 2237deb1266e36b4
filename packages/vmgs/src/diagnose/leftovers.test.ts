/** Secrets in plain in the unused space of an encrypted store are errors; what is not recognised is a warning. */

import { describe, expect, test } from "vitest";
import { goldenFile, patterned, unpack } from "../../test/golden-data.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { memorySource } from "../source/index.ts";
import { formatStore, openWritableStore } from "../store/index.ts";
import { diagnose } from "./index.ts";

const key = testKey(1);
const now = new Date("2026-12-01T00:00:00Z");

async function examine(image: Uint8Array, key?: Uint8Array) {
  const { findings } = await diagnose(memorySource(image), { now, ...(key && { key }) });
  const about = findings.filter(({ id }) => id === "encryption-plain-leftover" || id.startsWith("slack-"));
  return { ids: about.map(({ id }) => id), messages: about.map(({ message }) => message) };
}

test("pieces of the vTPM's state behind the ends of files are an error, and gone after wiping", async () => {
  const image = await unpack("cases/encrypt-wipe-leftover.vmgs.gz");
  const { ids, messages } = await examine(image);
  expect(ids).toEqual(["encryption-plain-leftover"]);
  expect(messages[0]).toMatch(/TPM_NVRAM \(3\) lie after the end of BIOS_NVRAM \(1\), .*TPM_PPI \(2\)/);
  await (await openWritableStore(openMemoryDisk(image))).wipe();
  expect((await examine(image)).ids).toEqual([]);
});

/** A store that was encrypted after a file had been written in plain. */
async function encryptedAfterwards(content: Uint8Array, fileId: number, wipe: boolean) {
  const disk = createMemoryDisk(128 * 4096);
  const store = await formatStore(disk);
  await store.write(fileId, content);
  await store.addKey(key);
  await store.commit([{ kind: "write", fileId, content, encrypt: true }], { wipe });
  return disk.image;
}

describe.each([
  ["variables", 1, "uefi/secure-boot.bin", /BIOS_NVRAM \(1\) lie in (a|\d+) free blocks?: .*UEFI variable/],
  ["a TPM state", 3, "tpm-nvram/provisioned-32k.bin", /TPM_NVRAM \(3\) lie in \d+ free blocks: /],
] as const)("%s that were plain before", (_, fileId, golden, message) => {
  test("are an error in free blocks, and wiping cures it", async () => {
    const content = await goldenFile(golden);
    const before = await examine(await encryptedAfterwards(content, fileId, false));
    expect(before.ids).toEqual(["encryption-plain-leftover"]);
    expect(before.messages[0]).toMatch(message);
    expect((await examine(await encryptedAfterwards(content, fileId, true))).ids).toEqual([]);
  });
});

test("what is not recognised behind a file is a warning where the store is encrypted, else a note", async () => {
  for (const [encrypted, id] of [
    [true, "slack-unknown"],
    [false, "slack-leftover"],
  ] as const) {
    const disk = createMemoryDisk(64 * 4096);
    const store = await formatStore(disk, encrypted ? { key } : {});
    await store.write(18, patterned(100, 1));
    const start = (store.state.files.get(18)?.block ?? 0) * 4096;
    disk.image.fill(0x77, start + 1024, start + 4096);
    expect((await examine(disk.image)).ids).toEqual([id]);
  }
});

test("old ciphertext is not taken for plain content", async () => {
  const disk = createMemoryDisk(512 * 4096);
  const store = await formatStore(disk, { key });
  const state = await goldenFile("tpm-nvram/many-indices-32k.bin");
  const list = await goldenFile("uefi/secure-boot.bin");
  for (let i = 0; i < 20; i++) {
    await store.writeEncrypted(3, state);
    await store.writeEncrypted(1, list);
  }
  await store.delete(3);
  await store.delete(1);
  expect((await examine(disk.image)).ids).toEqual([]);
});

describe.each([
  ["a platform seed", 15, 32],
  ["a state of random bytes", 19, 3 * 4096 + 100],
] as const)("%s that was plain before", (_, fileId, bytes) => {
  const content = crypto.getRandomValues(new Uint8Array(bytes));

  test("is found in free blocks with the key, and gone after wiping", async () => {
    const image = await encryptedAfterwards(content, fileId, false);
    expect((await examine(image)).ids).toEqual([]);
    const { ids, messages } = await examine(image, key);
    expect(ids).toEqual(["encryption-plain-leftover"]);
    expect(messages[0]).toMatch(
      new RegExp(`\\(${fileId}\\) lie in (a|4) free blocks?: the bytes that the file holds`),
    );
    await (await openWritableStore(openMemoryDisk(image), { key })).wipe();
    expect((await examine(image, key)).ids).toEqual([]);
  });

  test("is found behind the end of another file", async () => {
    const disk = createMemoryDisk(128 * 4096);
    const store = await formatStore(disk, { key });
    await store.writeEncrypted(fileId, content);
    await store.write(4, patterned(16, 1));
    disk.image.set(content.subarray(0, 512), (store.state.files.get(4)?.block ?? 0) * 4096 + 1024);
    const { ids, messages } = await examine(disk.image, key);
    expect(ids).toEqual(["encryption-plain-leftover"]);
    expect(messages[0]).toContain("after the end of RTC_SKEW (4)");
  });
});

test("a seed of equal bytes, or of few, is not looked for", async () => {
  for (const content of [new Uint8Array(64).fill(7), patterned(15, 3)]) {
    const image = await encryptedAfterwards(content, 15, false);
    expect((await examine(image, key)).ids).toEqual([]);
  }
});
