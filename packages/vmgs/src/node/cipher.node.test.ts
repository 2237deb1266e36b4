/** Node's cipher and WebCrypto are one cipher; and Buffers are taken for the bytes they are. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { patterned } from "../../test/golden-data.ts";
import { testKey } from "../../test/store-fixtures.ts";
import { header } from "../format/index.ts";
import {
  createMemoryDisk,
  formatStore,
  openMemoryDisk,
  openStore,
  openStoreSync,
  openWritableStore,
  resumeStore,
  Secret,
  saveStore,
  webCipher,
} from "../index.ts";
import { bytes, decode, rest, sized, sizedBuffer, u8 } from "../layout/index.ts";
import { nodeCipher } from "./index.ts";

const key = testKey(1);
const nonce = new Uint8Array(12).fill(3);
const content = patterned(5000, 1);
const joined = (ciphertext: readonly Uint8Array[], tag: Uint8Array) =>
  new Uint8Array(Buffer.concat([...ciphertext, tag]));

describe("Node's cipher", () => {
  test("seals as WebCrypto does, and each opens what the other sealed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        fc.uint8Array({ maxLength: 200 }),
        async (anyKey, anyNonce, plaintext) => {
          const ours = nodeCipher.seal(anyKey, anyNonce, plaintext);
          const theirs = await webCipher.seal(anyKey, anyNonce, plaintext);
          expect(joined(ours.ciphertext, ours.tag)).toEqual(joined(theirs.ciphertext, theirs.tag));
          expect(nodeCipher.unseal(anyKey, anyNonce, joined(theirs.ciphertext, theirs.tag))).toEqual(
            plaintext,
          );
          expect(await webCipher.unseal(anyKey, anyNonce, joined(ours.ciphertext, ours.tag))).toEqual(
            plaintext,
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test("opens nothing that was changed", () => {
    const { ciphertext, tag } = nodeCipher.seal(key, nonce, content);
    const sealed = joined(ciphertext, tag);
    for (const at of [0, 2500, 5000, 5015]) {
      const flipped = sealed.slice();
      flipped[at] = (flipped[at] as number) ^ 1;
      expect(nodeCipher.unseal(key, nonce, flipped)).toBeNull();
    }
  });

  test("gives plain Uint8Arrays, no Buffers", () => {
    const { ciphertext, tag } = nodeCipher.seal(key, nonce, content);
    const opened = nodeCipher.unseal(key, nonce, joined(ciphertext, tag));
    expect([ciphertext[0], tag, opened].map((value) => value?.constructor)).toEqual([
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]);
  });

  test("serves every operation of an encrypted store", async () => {
    const disk = createMemoryDisk(64 * 4096);
    const store = await formatStore(disk, { key, cipher: nodeCipher });
    await store.writeEncrypted(3, content);
    await store.writeEncrypted(4, content);
    await store.updateKey(testKey(2));
    for (const cipher of [nodeCipher, webCipher]) {
      const opened = await openWritableStore(disk, { key: testKey(2), cipher });
      expect(await opened.readFile(3)).toEqual(content);
      await opened.writeEncrypted(3, content);
      expect(await opened.readFile(4)).toEqual(content);
    }
    const sync = openStoreSync(disk, { key: testKey(2), cipher: nodeCipher });
    expect(sync.readFile(3)).toEqual(content);
    expect(sync.readFile(4)).toEqual(content);
    const resumed = await resumeStore(disk, saveStore(await openWritableStore(disk, { key: testKey(2) })), {
      cipher: nodeCipher,
    });
    await resumed.decryptAll();
    expect(await (await openStore(disk)).readFile(4)).toEqual(content);
  });
});

describe("a Buffer", () => {
  test("given as a key is copied, and may be cleared afterwards", async () => {
    const given = Buffer.from(key);
    const secret = new Secret(given);
    given.fill(0);
    expect(Buffer.from(secret.expose()).equals(key)).toBe(true);
    const disk = createMemoryDisk(64 * 4096);
    const mine = Buffer.from(key);
    const store = await formatStore(disk, { key: mine });
    mine.fill(0);
    await store.writeEncrypted(3, content);
    expect(await codeOf(() => openStore(disk, { key }))).toBe("done");
  });

  test("that is decoded gives copies", () => {
    const image = Buffer.from([2, 1, 2, 3]);
    const values = [
      decode(bytes(4), image),
      decode(sized(u8), image),
      decode(sizedBuffer(u8, 3), image),
      decode(rest, image),
    ];
    image.fill(9);
    expect(values.map((value) => [...value])).toEqual([
      [2, 1, 2, 3],
      [1, 2],
      [1, 2],
      [2, 1, 2, 3],
    ]);
    expect(decode(header, Buffer.alloc(168)).metadataKeys[0]?.nonce.constructor).toBe(Uint8Array);
  });

  test("holding an image is a disk like any other, also when it lies within a larger one", async () => {
    const pool = Buffer.alloc(64 * 4096 + 100);
    const image = pool.subarray(100);
    const disk = openMemoryDisk(image, { container: "raw", sectorSize: 512 });
    const store = await formatStore(disk, { key });
    await store.writeEncrypted(3, Buffer.from(content));
    const before = store.state.files.get(3)?.nonce.slice();
    const reopened = await openWritableStore(disk, { key });
    await store.writeEncrypted(3, Buffer.from(content));
    expect(reopened.state.files.get(3)?.nonce).toEqual(before);
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(content);
  });
});
