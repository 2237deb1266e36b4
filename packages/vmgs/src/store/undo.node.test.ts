/** Going back to the generation before, and forward again. */

import { describe, expect, test } from "vitest";
import { codeOf } from "../../test/expect-error.ts";
import { patterned } from "../../test/golden-data.ts";
import { beginHistory, type History } from "../../test/proof/history.ts";
import { KEY_NUMBERS, keyBytes } from "../../test/proof/operations.ts";
import { perform } from "../../test/proof/perform.ts";
import { type Random, seeded } from "../../test/proof/random.ts";
import { eventText, recordingDisk } from "../../test/recording-disk.ts";
import { freshStore, testKey } from "../../test/store-fixtures.ts";
import { createMemoryDisk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { Secret } from "../secret/index.ts";
import { type Cipher, webCipher } from "../steps/index.ts";
import { formatStore, openStore, openWritableStore, type WritableStore } from "./index.ts";
import { nonceCounter } from "./random.ts";

const key = testKey(1);
const other = testKey(2);
const content = (fill: number) => patterned(5000, fill);
const ids = ({ files }: Pick<WritableStore, "files">) => files.map(({ id }) => id);

describe("undo", () => {
  test("writes one header, with the next sequence number, and a second one goes forward again", async () => {
    const disk = recordingDisk(createMemoryDisk(64 * 4096));
    const store = await formatStore(disk);
    await store.write(1, content(1));
    await store.write(1, content(2));
    await store.delete(1);
    disk.events.length = 0;
    const { sequence } = store.state.header;
    const { activeSlot } = store.state;
    await store.undo();
    const writes = disk.events.filter(({ kind }) => kind !== "read").map(eventText);
    expect(writes).toEqual(["flush", `write ${activeSlot === 0 ? 512 : 0}+512`, "flush"]);
    expect(store.state.header.sequence).toBe(sequence + 1);
    expect(await store.readFile(1)).toEqual(content(2));
    await store.undo();
    expect(store.state.header.sequence).toBe(sequence + 2);
    expect(ids(store)).toEqual([]);
    await store.undo();
    const read = await openStore(disk);
    expect(await read.readFile(1)).toEqual(content(2));
  });

  test("planned writes nothing", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    const image = disk.image.slice();
    const { next, commit, placed, content: written } = await store.planUndo();
    expect([...next.files.keys()]).toEqual([0, 63]);
    expect([commit?.bytes.length, placed, written]).toEqual([512, [], []]);
    expect(disk.image).toEqual(image);
    expect(ids(store)).toEqual([1]);
  });

  test("takes encryption off again, and back", async () => {
    const { disk, store } = await freshStore();
    await store.write(3, content(1));
    await store.addKey(key);
    const locked = await openWritableStore(disk);
    expect(await codeOf(() => locked.undo())).toBe("VMGS_NEEDS_UNLOCK");
    await store.undo();
    expect(store.state.header.encryptionAlgorithm).toBe(0);
    expect(await store.readFile(3)).toEqual(content(1));
    expect(await codeOf(() => store.undo())).toBe("VMGS_NEEDS_UNLOCK");
    expect(await codeOf(() => store.undo({ key: other }))).toBe("VMGS_WRONG_KEY");
    await store.undo({ key });
    await store.writeEncrypted(4, content(4));
    const read = await openStore(disk, { key });
    expect(await read.readFile(4)).toEqual(content(4));
  });

  test("takes a rekey back with the key of the generation before", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const keySlot = store.state.unlocked?.keySlot ?? 0;
    await store.commit([
      { kind: "addKey", key: new Secret(other) },
      { kind: "removeKey", keySlot },
    ]);
    expect(await codeOf(() => store.undo())).toBe("VMGS_WRONG_KEY");
    await store.undo({ key });
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(content(3));
    expect(await codeOf(() => openStore(disk, { key: other }))).toBe("VMGS_WRONG_KEY");
    const again = await openWritableStore(disk, { key });
    await again.undo({ key: other });
    expect(await (await openStore(disk, { key: other })).readFile(3)).toEqual(content(3));
  });

  test("of a plain change needs no key, as the change needed none", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const locked = await openWritableStore(disk);
    await locked.write(18, content(18));
    await locked.undo();
    expect(ids(locked)).toEqual([3]);
    expect(await (await openStore(disk, { key })).readFile(3)).toEqual(content(3));
  });
});

describe("undo is refused", () => {
  test("in a new store, and after wiping", async () => {
    const { store } = await freshStore();
    expect(await codeOf(() => store.undo())).toBe("VMGS_NO_PREVIOUS_GENERATION");
    await store.write(1, content(1), { wipe: true });
    expect(await codeOf(() => store.undo())).toBe("VMGS_GENERATION_WIPED");
  });

  test("after a change that wrote content and did not commit", async () => {
    const disk = createMemoryDisk(64 * 4096);
    const store = await formatStore(disk);
    await store.write(1, content(1));
    const abort = new AbortController();
    const writing = store.write(2, content(2), { signal: abort.signal });
    abort.abort();
    await writing.catch(() => {});
    expect(await codeOf(() => store.undo())).toBe("VMGS_UNDO_IMPOSSIBLE");
    await store.write(2, content(2));
    await store.undo();
    expect(ids(store)).toEqual([1]);
  });

  test("when its file table is overwritten", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    await store.write(2, content(2));
    const before = await openStore(disk, { generation: "previous" });
    const table = before.state.header.fileTableOffset * 4096;
    const kept = disk.image.slice(table, table + 4096);
    disk.image.fill(0x5a, table, table + 4096);
    expect(await codeOf(() => store.undo())).toBe("VMGS_UNDO_IMPOSSIBLE");
    disk.image.set(kept, table);
    disk.image.fill(0, table, table + 64);
    expect(await codeOf(() => store.undo())).toBe("VMGS_UNDO_IMPOSSIBLE");
    disk.image.set(kept, table);
    await store.undo();
  });

  test("when a table of it names blocks that now belong to another file", async () => {
    const { disk, store } = await freshStore();
    await store.write(1, content(1));
    await store.write(2, patterned(6000, 2));
    const before = await openStore(disk, { generation: "previous" });
    const entry = before.state.header.fileTableOffset * 4096 + 64;
    const taken = store.state.files.get(2)?.block ?? 0;
    new DataView(disk.image.buffer).setUint32(entry, taken, true);
    expect(await codeOf(() => store.undo())).toBe("VMGS_UNDO_IMPOSSIBLE");
  });

  test("when an encrypted file of it is overwritten, as far as the key shows", async () => {
    const { disk, store } = await freshStore({ key });
    await store.writeEncrypted(3, content(3));
    const at = (store.state.files.get(3)?.block ?? 0) * 4096;
    await store.delete(3);
    disk.image[at + 100] = (disk.image[at + 100] as number) ^ 1;
    expect(await codeOf(() => store.undo())).toBe("VMGS_UNDO_IMPOSSIBLE");
    disk.image[at + 100] = (disk.image[at + 100] as number) ^ 1;
    await store.undo();
    expect(await store.readFile(3)).toEqual(content(3));
  });
});

/** Does something at random that may be refused; the store to go on with. */
async function randomStep(
  store: WritableStore,
  history: History,
  random: Random,
  cipher: Cipher,
): Promise<WritableStore> {
  const dice = random.below(8);
  if (dice < 3) await store.undo(random.oneIn(3) ? { key: keyBytes(random.pick(KEY_NUMBERS)) } : {});
  else if (dice < 4)
    return openWritableStore(history.disk, { cipher, key: keyBytes(random.pick(KEY_NUMBERS)) });
  else if (dice < 6) await store.writeEncrypted(1 + random.below(4), random.bytes(random.below(3000)));
  else await perform(store, history.disk, { kind: "updateKey", key: random.pick(KEY_NUMBERS) });
  return store;
}

test("no nonce is used twice with a key, and counters of a key only rise, through undo and redo", async () => {
  const datastoreKeys = KEY_NUMBERS.map((number) => String(keyBytes(number)));
  const highest = new Map<string, bigint>();
  let wrapped = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const used = new Set<string>();
    highest.clear();
    const cipher: Cipher = {
      ...webCipher,
      seal(secret, nonce, plaintext) {
        expect(used).not.toContain(`${secret} ${nonce}`);
        used.add(`${secret} ${nonce}`);
        const counter = nonceCounter(nonce);
        if (datastoreKeys.includes(String(secret))) {
          // A key that a slot gets begins at 0, with random bytes of its own.
          if (counter > 0n) expect(counter).toBeGreaterThan(highest.get(String(secret)) ?? 0n);
          highest.set(String(secret), counter);
          wrapped++;
        }
        return webCipher.seal(secret, nonce, plaintext);
      },
    };
    const random = seeded(seed);
    const history = await beginHistory(seed, random);
    let store = await formatStore(history.disk, { cipher, key: keyBytes(1), allowTiny: true });
    for (let i = 0; i < 30; i++) {
      try {
        store = await randomStep(store, history, random, cipher);
      } catch (error) {
        if (!isVmgsError(error)) throw error;
      }
    }
  }
  expect(wrapped).toBeGreaterThan(300);
});
