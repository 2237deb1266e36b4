/** Stores with UEFI variables in them. */

import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  emptyVariableList,
  encodeLoadOption,
  encodeVariableList,
  parseDevicePath,
  setVariable,
  usualAttributes,
  VendorGuid,
} from "vmgskit/uefi";
import { prepare } from "./cli.ts";
import { type EncryptedStore, type MadeStore, makeEncryptedStore, makeStore } from "./folder.ts";

const folder = fileURLToPath(new URL("../../../vmgs/test/golden/uefi/", import.meta.url));

/** Names of the golden variable lists. */
export const goldenLists: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".bin"))
  .map((name) => name.replace(/\.bin$/, ""))
  .sort();

export interface GoldenList {
  readonly bytes: number;
  readonly error: string | null;
  readonly variables: readonly {
    readonly name: string;
    readonly vendor: string;
    readonly dataBytes: number;
  }[];
}

/** Path of a golden list, which is a bare variable list. */
export const goldenListFile = (name: string) => join(folder, `${name}.bin`);

export function goldenList(name: string): GoldenList {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as GoldenList;
}

/** A store with this list in BIOS_NVRAM. */
export async function storeWithList(list: Uint8Array): Promise<MadeStore> {
  const store = await makeStore();
  await prepare(["put", store.file, "BIOS_NVRAM", "--force"], { stdin: list });
  return store;
}

export const storeWithGolden = (name: string) =>
  storeWithList(new Uint8Array(readFileSync(goldenListFile(name))));

/** An encrypted store with this list in BIOS_NVRAM, encrypted. */
export async function encryptedStoreWithGolden(name: string): Promise<EncryptedStore> {
  const store = await makeEncryptedStore();
  const stdin = new Uint8Array(readFileSync(goldenListFile(name)));
  await prepare(["put", store.file, "BIOS_NVRAM", "--force", "--key", store.keyFile], { stdin });
  return store;
}

/** A bare list of variables of EFI_GLOBAL_VARIABLE, in bytes. */
export function listOfGlobals(...variables: readonly [name: string, data: Uint8Array][]): Uint8Array {
  const vendor = VendorGuid.EFI_GLOBAL_VARIABLE;
  const list = variables.reduce(
    (before, [name, data]) => setVariable(before, { vendor, name, attributes: usualAttributes, data }),
    emptyVariableList,
  );
  return encodeVariableList(list);
}

/** The bytes of a load option. */
export const loadOption = (description: string, path = "PciRoot(0x0)/Pci(0x1,0x0)", attributes = 1) =>
  encodeLoadOption({ attributes, description, paths: [parseDevicePath(path)] });

/** Writes bytes next to a store. */
export async function writeBeside(
  { folder: near }: MadeStore,
  name: string,
  content: Uint8Array | string,
): Promise<string> {
  const path = join(near, name);
  await writeFile(path, content);
  return path;
}
