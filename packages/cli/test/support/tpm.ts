/** States of virtual TPMs, bare and in stores. */

import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prepare } from "./cli.ts";
import { type EncryptedStore, type MadeStore, makeEncryptedStore, makeFolder, makeStore } from "./folder.ts";
import { secret } from "./secrets.ts";

const folder = new URL("../../../vmgs/test/golden/tpm-nvram/", import.meta.url);

/** Names of the golden states, without ending. */
export const goldenStates: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".bin"))
  .map((name) => name.replace(".bin", ""))
  .sort();

/** Seeds and proofs, as the specification places them: offset and bytes. */
const SECRETS = [312, 346, 380, 414, 464, 514].map((offset) => [offset, 32] as const);
/** A prime and the cached exponent, from the start of an object's entry. */
const SECRETS_OF_OBJECT = [
  [456, 128],
  [1098, 128],
] as const;
const FIRST_ENTRY = 3508;
const OBJECT_BYTES = 1824;

/** Remembers the secrets of a state, so that their appearance in any output fails the test. */
export function rememberSecrets(state: Uint8Array): Uint8Array {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const places: (readonly [offset: number, bytes: number])[] = [...SECRETS];
  for (let at = FIRST_ENTRY; view.getUint32(at, true) === OBJECT_BYTES; at += OBJECT_BYTES) {
    places.push(...SECRETS_OF_OBJECT.map(([offset, bytes]) => [at + offset, bytes] as const));
  }
  for (const [offset, bytes] of places) {
    const value = state.subarray(offset, offset + bytes);
    if (new Set(value).size > 4) secret(value.slice());
  }
  return state;
}

/** The bytes of a golden state. */
export function goldenState(name: string): Uint8Array {
  return rememberSecrets(new Uint8Array(readFileSync(new URL(`${name}.bin`, folder))));
}

/** What a golden state holds. */
export function goldenDescription(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Record<string, unknown>;
}

/** A golden state as a file of its own. */
export async function bareState(name: string): Promise<string> {
  const file = join(await makeFolder(), `${name}.bin`);
  await writeFile(file, goldenState(name));
  return file;
}

/** A plain store that holds a golden state. */
export async function storeWith(name: string): Promise<MadeStore> {
  const store = await makeStore();
  await prepare(["put", store.file, "3"], { stdin: goldenState(name) });
  return store;
}

/** An encrypted store that holds a golden state, encrypted. */
export async function encryptedStoreWith(name: string): Promise<EncryptedStore> {
  const store = await makeEncryptedStore();
  await prepare(["put", store.file, "3", "--key", store.keyFile], { stdin: goldenState(name) });
  return store;
}
