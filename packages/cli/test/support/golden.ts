/** The golden stores of the library's tests, unpacked into files. */

import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { writeImage } from "./folder.ts";
import { secret } from "./secrets.ts";

const folder = fileURLToPath(new URL("../../../vmgs/test/golden/vmgs/", import.meta.url));

/** The part of a description that these tests use. */
export interface GoldenStore {
  readonly name: string;
  readonly container: "vhd" | "raw";
  readonly sectorSize: 512 | 4096;
  readonly keys: readonly string[];
  readonly reference: {
    /** What the reference read of each file. */
    readonly reads?: Readonly<Record<string, { readonly sha256?: string }>>;
  };
  readonly layout?: {
    readonly active: 0 | 1;
    readonly sequence: number;
    readonly files: readonly { readonly id: number; readonly bytes: number }[];
  };
}

/** All of them, by name. */
export const goldenStores: readonly GoldenStore[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => {
    const golden = JSON.parse(readFileSync(join(folder, name), "utf8")) as GoldenStore;
    return { ...golden, name: name.replace(/\.json$/, "") };
  });

/** The image of a golden store. */
export async function goldenImage(name: string): Promise<Uint8Array> {
  return promisify(gunzip)(await readFile(join(folder, `${name}.vmgs.gz`)));
}

export interface UnpackedStore {
  readonly golden: GoldenStore;
  readonly image: Uint8Array;
  readonly file: string;
  /** Options that say what a raw image can't say itself. */
  readonly diskOptions: readonly string[];
  /** `--key` with its first key, or nothing. */
  readonly keyOptions: readonly string[];
}

/** Writes a golden store, and its key, into a folder. */
export async function unpackGolden(name: string, into: string): Promise<UnpackedStore> {
  const golden = goldenStores.find((candidate) => candidate.name === name);
  if (golden === undefined) throw new Error(`no golden store ${name}`);
  const file = join(into, `${name}.vmgs`);
  const image = await goldenImage(name);
  await writeImage(file, image);
  const [hex] = golden.keys;
  const keyOptions: string[] = [];
  if (hex !== undefined) {
    const keyFile = join(into, `${name}.key`);
    await writeFile(keyFile, secret(new Uint8Array(Buffer.from(hex, "hex"))));
    keyOptions.push("--key", keyFile);
  }
  const raw = ["--disk", "raw", "--sector-size", String(golden.sectorSize)];
  return { golden, image, file, diskOptions: golden.container === "raw" ? raw : [], keyOptions };
}
