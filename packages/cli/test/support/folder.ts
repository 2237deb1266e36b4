/** Temporary folders with stores in them. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { emptyVariableList, encodeVariableList, setVariable } from "vmgskit/uefi";
import { prepare } from "./cli.ts";
import { testKey } from "./secrets.ts";

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test file. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vmgs-cli-"));
  folders.push(folder);
  return folder;
}

/** Writes an image with holes where it is zero, so that stores of many MiB cost little. */
export async function writeImage(path: string, image: Uint8Array): Promise<void> {
  const zeros = new Uint8Array(65_536);
  await using handle = await open(path, "w");
  await handle.truncate(image.length);
  for (let at = 0; at < image.length; at += zeros.length) {
    const part = image.subarray(at, at + zeros.length);
    const isZero = Buffer.compare(part, zeros.subarray(0, part.length)) === 0;
    if (!isZero) await handle.write(part, 0, part.length, at);
  }
}

/** What of a file must stay when a command only reads it. */
export async function fingerprint(path: string): Promise<string> {
  const { mtimeMs, size, mode } = await stat(path);
  return `${await sha256File(path)} ${size} ${mtimeMs} ${mode}`;
}

export async function sha256File(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** Names of the files in a folder, sorted. */
export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

export interface MadeStore {
  readonly folder: string;
  /** Path of the store. */
  readonly file: string;
}

/** A list of so many bytes that holds one variable, called `Data`. */
function variableList(bytes: number): Uint8Array {
  const data = Uint8Array.from({ length: bytes - 58 }, (_, i) => (i * 7) % 256);
  return encodeVariableList(
    setVariable(emptyVariableList, {
      vendor: "8be4df61-93ca-11d2-aa0d-00e098032b8c",
      name: "Data",
      attributes: 7,
      data,
    }),
  );
}

/** The contents that `makeStore` puts in. */
export const contents = {
  1: variableList(5000),
  3: new Uint8Array(
    readFileSync(new URL("../../../vmgs/test/golden/tpm-nvram/fresh-32k.bin", import.meta.url)),
  ),
} as const;

/** Images of the stores that many tests begin with: made once, by the commands themselves. */
const made = new Map<string, Promise<Uint8Array>>();

function once(name: string, make: () => Promise<string>): Promise<Uint8Array> {
  const image = made.get(name) ?? make().then((file) => readFile(file));
  made.set(name, image);
  return image;
}

/** A store of 1 MiB with the marker and the files 1 and 3. */
export async function makeStore(): Promise<MadeStore> {
  const image = await once("plain", async () => {
    const file = join(await makeFolder(), "vm.vmgs");
    await prepare(["provision", file, "--size", "1M"]);
    for (const [id, content] of Object.entries(contents))
      await prepare(["put", file, id, "--force"], { stdin: content });
    return file;
  });
  const folder = await makeFolder();
  const file = join(folder, "vm.vmgs");
  await writeImage(file, image);
  return { folder, file };
}

export interface EncryptedStore extends MadeStore {
  readonly key: Uint8Array;
  /** Path of a file with the raw key. */
  readonly keyFile: string;
}

/** The same, encrypted: files 1 and 3 are, the marker is not. */
export async function makeEncryptedStore(): Promise<EncryptedStore> {
  const key = testKey(1);
  const image = await once("encrypted", async () => {
    const { file, folder } = await makeStore();
    const keyFile = join(folder, "vm.key");
    await writeFile(keyFile, key);
    await prepare(["encrypt", file, "--key", keyFile, "--wipe"]);
    return file;
  });
  const folder = await makeFolder();
  const [file, keyFile] = [join(folder, "vm.vmgs"), join(folder, "vm.key")];
  await writeImage(file, image);
  await writeFile(keyFile, key);
  return { folder, file, key, keyFile };
}

/** The same with a VM_UNIQUE_ID: a boot has a source of its key. */
export async function makeEncryptedStoreWithSource(): Promise<EncryptedStore> {
  const made = await makeEncryptedStore();
  const id = join(made.folder, "vm-unique-id");
  await writeFile(
    id,
    Uint8Array.from({ length: 20 }, (_, i) => (i < 16 ? i + 1 : 0)),
  );
  await prepare(["put", made.file, "VM_UNIQUE_ID", id]);
  return made;
}
