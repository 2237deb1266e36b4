/** The synchronous and the asynchronous driver, and both ciphers, see the same in every golden store. */

import { describe, expect, test } from "vitest";
import { isVmgsError, openMemoryDisk, openStore, openStoreSync, webCipher } from "../src/index.ts";
import { fromHex } from "../src/layout/index.ts";
import { nodeCipher } from "../src/node/index.ts";
import { goldenImage, goldenStores, sha256 } from "./golden-data.ts";

interface Reader {
  readonly state: { readonly activeSlot: number; readonly header: { readonly sequence: number } };
  readonly files: readonly { readonly id: number }[];
  unlock(key: Uint8Array): unknown;
  readFile(fileId: number): Uint8Array | Promise<Uint8Array>;
  readRaw(fileId: number): Uint8Array | Promise<Uint8Array>;
  readMarker(): unknown;
}

/** Everything that can be asked of a store, refusals included. */
async function everything(open: () => Reader | Promise<Reader>, keys: readonly string[]): Promise<unknown> {
  const answer = async (ask: () => unknown): Promise<unknown> => {
    try {
      const value = await ask();
      return value instanceof Uint8Array ? [value.length, await sha256(value)] : value;
    } catch (error) {
      if (isVmgsError(error)) return [error.code, error.message, error.facts];
      throw error;
    }
  };
  const opened: { store?: Reader } = {};
  const refusal = await answer(async () => {
    opened.store = await open();
    return null;
  });
  const { store } = opened;
  if (store === undefined) return refusal;
  const answers: unknown[] = [];
  const ask = async (what: () => unknown) => answers.push(await answer(what));
  for (const hex of [undefined, ...keys]) {
    if (hex !== undefined) await ask(() => store.unlock(fromHex(hex) as Uint8Array));
    answers.push(store.state.activeSlot, store.state.header.sequence, store.files);
    for (const id of [0, 12, ...store.files.map((file) => file.id), 62, 63, 64]) {
      await ask(() => store.readFile(id));
      await ask(() => store.readRaw(id));
    }
    await ask(async () => JSON.stringify(await store.readMarker()));
  }
  return answers;
}

describe("every golden store reads alike, at once and later:", () => {
  test.each(goldenStores.map((golden) => [golden.name, golden] as const))("%s", async (_, golden) => {
    const image = await goldenImage(golden.name);
    const options =
      golden.container === "raw" ? ({ container: "raw", sectorSize: golden.sectorSize } as const) : {};
    const disk = () => openMemoryDisk(image, options);
    const sync = await everything(() => openStoreSync(disk(), { cipher: nodeCipher }), golden.keys);
    const later = await everything(() => openStore(disk(), { cipher: webCipher }), golden.keys);
    expect(sync).toEqual(later);
  });
});
