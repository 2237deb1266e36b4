/** States of virtual TPMs, bare and in stores. */

import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
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
/** Lengths of authorization values: of the hierarchies and the platform; the value follows. */
const AUTHORIZATIONS = [160, 210, 260, 1168] as const;
/** A prime and the cached exponent, from the start of an object's entry. */
const SECRETS_OF_OBJECT = [
  [456, 128],
  [1098, 128],
] as const;
const AUTHORIZATION_OF_OBJECT = 354;
const AUTHORIZATION_OF_INDEX = 68;
const FIRST_ENTRY = 3508;
const SMALLEST_ENTRY = 120;
/** Bytes of the shortest value that can't be anything else by chance. */
const SHORTEST = 8;

type Place = readonly [offset: number, bytes: number];

/** Remembers the secrets of a state, so that their appearance in any output fails the test. */
export function rememberSecrets(state: Uint8Array): Uint8Array {
  for (const [offset, bytes] of placesOf(state)) {
    const value = state.subarray(offset, offset + bytes);
    if (bytes >= SHORTEST && new Set(value).size > 4) secret(value.slice());
  }
  return state;
}

function placesOf(state: Uint8Array): Place[] {
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  const valueAt = (offset: number): Place => [offset + 2, Math.min(view.getUint16(offset, true), 48)];
  const places: Place[] = [...SECRETS, ...AUTHORIZATIONS.map(valueAt)];
  for (let at = FIRST_ENTRY; at + SMALLEST_ENTRY <= state.length; ) {
    const size = view.getUint32(at, true);
    if (size < SMALLEST_ENTRY || size > state.length - at) break;
    if (view.getUint8(at + 7) === 0x81) {
      places.push(...SECRETS_OF_OBJECT.map(([offset, bytes]) => [at + offset, bytes] as const));
      places.push(valueAt(at + AUTHORIZATION_OF_OBJECT));
    } else {
      places.push(valueAt(at + AUTHORIZATION_OF_INDEX));
    }
    at += size;
  }
  return places;
}

/** The bytes of a golden state. */
export function goldenState(name: string): Uint8Array {
  return rememberSecrets(new Uint8Array(readFileSync(new URL(`${name}.bin`, folder))));
}

const golden = new URL("../../../vmgs/test/golden/", import.meta.url);

/** A packed state below the golden data. */
export function packedState(path: string): Uint8Array {
  return rememberSecrets(new Uint8Array(gunzipSync(readFileSync(new URL(`${path}.bin.gz`, golden)))));
}

/** Names of the states that the reference engine left after random histories, and of those of its first boots. */
export const engineStates: readonly string[] = ["tpm-engine", "tpm-engine/first-boot"].flatMap((path) =>
  readdirSync(new URL(path, golden))
    .filter((name) => name.endsWith(".bin.gz"))
    .map((name) => `${path}/${name.replace(".bin.gz", "")}`),
);

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
  await prepare(["put", store.file, "3", "--force"], { stdin: goldenState(name) });
  return store;
}

/** An encrypted store that holds a golden state, encrypted. */
export async function encryptedStoreWith(name: string): Promise<EncryptedStore> {
  const store = await makeEncryptedStore();
  await prepare(["put", store.file, "3", "--force", "--key", store.keyFile], { stdin: goldenState(name) });
  return store;
}
