/** What carving finds once existed, is called what it is, and is decrypted only when its tag matches. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { goldenFile, goldenImage, goldenStores, patterned, unpack } from "../../test/golden-data.ts";
import { randomHistory } from "../../test/random-history.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { sameBytes } from "../comparison/index.ts";
import { createMemoryDisk, openMemoryDisk } from "../disk/index.ts";
import { fromHex } from "../layout/index.ts";
import { formatStore, openWritableStore } from "../store/index.ts";
import { type CarvedPiece, carveDisk } from "./index.ts";

const summary = ({ fileId, kind, generations, block, form, confidence }: CarvedPiece) =>
  `${fileId ?? kind} of ${generations.join("+") || "nobody"} at ${block}: ${form}, ${confidence}`;

async function carved(name: string, key?: Uint8Array) {
  const { pieces } = await carveDisk(openMemoryDisk(await goldenImage(name)), key && { key });
  return pieces.map(summary);
}

describe.each([false, true])("random histories, encrypted: %s", (encrypted) => {
  test.each(Array.from({ length: 25 }, (_, i) => i + 1))("seed %i", async (seed) => {
    const { disk, generations, written, key } = await randomHistory(seed, { encrypted });
    const { pieces, openError } = await carveDisk(disk, key && { key });
    expect(openError).toBeNull();
    const current = generations.at(-1);
    for (const piece of pieces) {
      const { fileId, block, bytes } = piece;
      const content = await piece.read();
      expect(content.length).toBe(bytes);
      if (piece.origin === "content") {
        expect(written.get(18)?.some((once) => sameBytes(once, content))).toBe(true);
        continue;
      }
      const once = generations.filter(({ files }) => {
        const record = files.get(fileId ?? -1);
        return record?.block === block && record.byteLength === bytes;
      });
      expect(once.length, summary(piece)).toBeGreaterThan(0);
      const now = current?.files.get(fileId ?? -1);
      const isCurrent = now?.block === block && now.byteLength === bytes;
      expect(isCurrent && piece.confidence !== "damaged", "current files are left out").toBe(false);
      if (piece.confidence !== "proven" && piece.confidence !== "recognised") continue;
      const all = [...written.values()].flat();
      expect(
        all.some((other) => sameBytes(other, content)),
        summary(piece),
      ).toBe(true);
    }
  });
});

test("a proven piece that has changed since is refused: ciphertext is no content", async () => {
  const disk = createMemoryDisk(64 * 4096);
  const store = await formatStore(disk, { key: testKey(1) });
  await store.writeEncrypted(3, patterned(5000, 1));
  const block = store.state.files.get(3)?.block ?? 0;
  await store.writeEncrypted(3, patterned(5000, 2));
  const { pieces } = await carveDisk(disk, { key: testKey(1) });
  const [piece] = pieces;
  expect(piece).toMatchObject({ fileId: 3, block, confidence: "proven" });
  disk.image.fill(0, block * 4096, block * 4096 + 16);
  expect(await codeOf(async () => piece?.read())).toBe("VMGS_AUTHENTICATION_FAILED");
});

test("finds the old version of a file, byte for byte", async () => {
  const disk = createMemoryDisk(64 * 4096);
  const store = await formatStore(disk);
  await store.write(3, patterned(5000, 1));
  await store.write(3, patterned(5000, 2));
  const { pieces } = await carveDisk(disk);
  expect(pieces.map(summary)).toEqual(["3 of previous at 5: plain, unverified"]);
  expect(await pieces[0]?.read()).toEqual(patterned(5000, 1));
});

test("says when a newer generation was written over an old version", async () => {
  const disk = createMemoryDisk(12 * 4096);
  const store = await formatStore(disk);
  await store.write(3, patterned(9000, 1));
  await store.delete(3);
  await store.write(4, patterned(100, 2));
  await store.write(5, patterned(9000, 3));
  const { pieces } = await carveDisk(disk);
  for (const piece of pieces.filter(({ fileId }) => fileId === 3)) expect(piece.confidence).toBe("damaged");
});

test("markers, variable lists and TPM states without any table are recognised", async () => {
  const disk = createMemoryDisk(64 * 4096);
  const parts: [number, Uint8Array][] = [
    [10, await goldenFile("tpm-nvram/provisioned-32k.bin")],
    [30, await goldenFile("uefi/secure-boot.bin")],
    [50, new TextEncoder().encode('{"provisioner":"hcl","reason":"empty","tpm_version":"1.38"}')],
  ];
  for (const [block, bytes] of parts) disk.image.set(bytes, block * 4096);
  const { pieces, openError } = await carveDisk(disk);
  expect(openError?.code).toBe("VMGS_EMPTY_STORE");
  expect(pieces.map(summary)).toEqual([
    "tpmState of nobody at 10: plain, recognised",
    "variableList of nobody at 30: plain, recognised",
    "marker of nobody at 50: plain, recognised",
  ]);
  for (const [i, [, bytes]] of parts.entries()) expect(await pieces[i]?.read()).toEqual(bytes);
});

test("both headers damaged: every file is found", async () => {
  expect(await carved("corrupt-both-headers-checksum")).toEqual([
    "1 of lost header 1 at 14: plain, unverified",
    "3 of lost header 1+lost header 0 at 6: plain, unverified",
    "18 of lost header 1+lost header 0 at 5: plain, recognised",
  ]);
});

test("an impossible entry does not hide the others, nor the generation before", async () => {
  expect(await carved("corrupt-entry-past-end")).toEqual([
    "1 of current at 14: plain, unverified",
    "18 of current+previous at 5: plain, recognised",
    "3 of previous at 6: plain, unverified",
  ]);
});

describe("encrypted generations", () => {
  const key = testKey(1);
  async function rewritten() {
    const disk = createMemoryDisk(64 * 4096);
    const store = await formatStore(disk, { key });
    await store.writeEncrypted(3, patterned(5000, 1));
    await store.writeEncrypted(3, patterned(5000, 2));
    return disk;
  }

  test("are ciphertext without the key", async () => {
    const { pieces } = await carveDisk(await rewritten());
    expect(pieces.map(summary)).toEqual(["3 of previous at 6: ciphertext, unverified"]);
  });

  test("are decrypted with it, and proven by their tag", async () => {
    const { pieces } = await carveDisk(await rewritten(), { key });
    expect(pieces.map(summary)).toEqual(["3 of previous at 6: decrypted, proven"]);
    expect(await pieces[0]?.read()).toEqual(patterned(5000, 1));
  });

  test("are decrypted when both headers have a wrong checksum, as the key slots are still there", async () => {
    const disk = await rewritten();
    for (const offset of [8, 512 + 8]) disk.image[offset + 4] = (disk.image[offset + 4] ?? 0) ^ 1;
    const { pieces, openError } = await carveDisk(disk, { key });
    expect(openError?.code).toBe("VMGS_NO_VALID_HEADER");
    expect(pieces.map(({ form, confidence }) => `${form}, ${confidence}`)).toEqual([
      "decrypted, proven",
      "decrypted, proven",
    ]);
  });

  test("with the zero metadata key flaw are decrypted without any key", async () => {
    const golden = goldenStores.find(({ name }) => name === "zero-metadata-key");
    const image = await goldenImage("zero-metadata-key");
    image.fill(0, 0, 8192);
    const { pieces } = await carveDisk(openMemoryDisk(image));
    expect(golden?.layout?.zeroMetadataKey).toBe(true);
    expect(pieces.filter(({ form }) => form === "decrypted").length).toBeGreaterThan(0);
    expect(pieces.every(({ form, confidence }) => form !== "decrypted" || confidence === "proven")).toBe(
      true,
    );
  });

  test("refuse a key that opens nothing", async () => {
    const disk = await rewritten();
    expect(await codeOf(() => carveDisk(disk, { key: testKey(2) }))).toBe("VMGS_WRONG_KEY");
  });

  test("of the golden store open with its key", async () => {
    const [hex = ""] = goldenStores.find(({ name }) => name === "encrypted-rekeyed")?.keys ?? [];
    expect(await carved("encrypted-rekeyed", fromHex(hex))).toEqual([]);
  });
});

test("pieces behind the ends of files are found: private keys that encrypting left in plain", async () => {
  const disk = openMemoryDisk(await unpack("cases/encrypt-wipe-leftover.vmgs.gz"));
  const { pieces } = await carveDisk(disk);
  const slack = pieces.filter(({ slackOf }) => slackOf !== null);
  expect(slack.map(({ kind, slackOf, block, confidence }) => [kind, slackOf, block, confidence])).toEqual([
    ["tpmState", 1, 6, "recognised"],
    ["tpmState", 2, 7, "recognised"],
  ]);
  for (const { offset, bytes, read } of slack) {
    expect(sameBytes(await read(), disk.image.subarray(offset, offset + bytes))).toBe(true);
  }
  await (await openWritableStore(disk)).wipe();
  expect((await carveDisk(disk)).pieces).toEqual([]);
});
