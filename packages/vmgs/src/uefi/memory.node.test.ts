/** Lists made to cost memory: what is held while a list and all its values are held, measured. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { encode, fromHex, guid, u32 } from "../layout/index.ts";
import {
  bootOverview,
  encodeVariableList,
  listOf,
  MAX_LIST_BYTES,
  readVariableList,
  SignatureType,
  secureBootState,
  type Variable,
  type VariableList,
  VendorGuid,
  variableListToJson,
  variableValue,
  zeroEfiTime,
} from "./index.ts";

/**
 * Bytes held for each byte of the list, at most: 6 MiB for the largest. Worst are nodes of five bytes, an object each;
 * a list as firmware writes it takes two or three times its size.
 */
const MOST = 48;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

async function heldBytes(): Promise<number> {
  collectGarbage();
  // Memory of arrays is given back a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const global = VendorGuid.EFI_GLOBAL_VARIABLE;
const security = VendorGuid.EFI_IMAGE_SECURITY_DATABASE;
const nothing = new Uint8Array(0);
const variable = (vendor: string, name: string, data: Uint8Array): Variable => ({
  vendor,
  name,
  data,
  attributes: 7,
  timestamp: zeroEfiTime,
  namePadding: nothing,
});

/** As many copies of the pattern as fit. */
function repeated(pattern: Uint8Array | string, size: number): Uint8Array {
  const bytes = typeof pattern === "string" ? (fromHex(pattern) ?? nothing) : pattern;
  const copies = Math.floor(size / bytes.length);
  const all = new Uint8Array(copies * bytes.length);
  for (let i = 0; i < copies; i++) all.set(bytes, i * bytes.length);
  return all;
}

const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A load option whose device paths are one node over and over. */
function option(node: string): Uint8Array {
  const path = joined(repeated(node, 32_500), fromHex("7fff0400") ?? nothing);
  return joined(encode(u32, 1), Uint8Array.of(path.length & 0xff, path.length >> 8, 0, 0), path);
}

/** A signature list with signatures of this size, all bytes of which are sevens. */
function signatures(type: string, size: number): Uint8Array {
  const body = new Uint8Array(Math.floor(32_500 / size) * size).fill(7);
  return joined(encode(guid, type), encode(u32, 28 + body.length), encode(u32, 0), encode(u32, size), body);
}

const largest = (entry: Uint8Array) => repeated(entry, MAX_LIST_BYTES);
const fourOf = (data: Uint8Array, names: readonly string[], vendor: string = global) =>
  encodeVariableList(listOf(names.map((name) => variable(vendor, name, data))));
const boots = ["Boot0000", "Boot0001", "Boot0002", "Boot0003"];
const databases = (data: Uint8Array) =>
  encodeVariableList(
    listOf([
      variable(global, "PK", data),
      variable(global, "KEK", data),
      variable(security, "db", data),
      variable(security, "dbx", data),
    ]),
  );

const lists: readonly (readonly [string, Uint8Array])[] = [
  ["zeros", new Uint8Array(MAX_LIST_BYTES)],
  ["variables without data", largest(encodeVariableList(listOf([variable(global, "A", nothing)])))],
  ["entries of an unknown type", largest(joined(encode(u32, 1), encode(u32, 48), new Uint8Array(40)))],
  ["entries without a name", largest(joined(encode(u32, 0), encode(u32, 48), new Uint8Array(40)))],
  ["empty nodes", fourOf(option("09010400"), boots)],
  ["nodes of one byte", fourOf(option("0901050001"), boots)],
  ["known nodes", fourOf(option("01010600001f"), boots)],
  ["instances", fourOf(option("7f010400"), boots)],
  ["device paths", fourOf(option("7fff0400"), boots)],
  ["vendor nodes", fourOf(option(`04031500${"ab".repeat(16)}01`), boots)],
  ["empty signature lists", databases(repeated(`${"00".repeat(16)}1c000000${"00".repeat(8)}`, 32_500))],
  ["empty signatures", databases(signatures(SignatureType.SHA256, 16))],
  ["certificates of one byte", databases(signatures(SignatureType.X509, 17))],
  ["a long boot order", fourOf(repeated("0100", 32_600), ["BootOrder", "DriverOrder", "SysPrepOrder"])],
  ["long names", largest(encodeVariableList(listOf([variable(global, "n".repeat(1023), nothing)])))],
  [
    "long descriptions",
    fourOf(joined(encode(u32, 1), new Uint8Array(2), repeated("6100", 32_500), new Uint8Array(2)), boots),
  ],
  ["GUIDs", fourOf(repeated("01", 32_496), ["SignatureSupport", "OsRecoveryOrder"])],
  ["text", fourOf(repeated("4100", 32_600), ["LoaderInfo", "StubInfo"], VendorGuid.SYSTEMD_BOOT)],
];

/** What can be made of a list; each is measured by itself, together with the list. */
const views: readonly ((list: VariableList) => unknown)[] = [
  (list) => list.variables.map(variableValue),
  bootOverview,
  variableListToJson,
  (list) => secureBootState(list, new Date(0)),
];

/** Bytes held by the list and the view that holds most. */
async function mostHeld(bytes: Uint8Array): Promise<number> {
  const before = await heldBytes();
  const list = readVariableList(bytes);
  let most = 0;
  for (const view of views) most = Math.max(most, await heldWith(list, view));
  expect(list.byteLength).toBe(bytes.length);
  return most - before;
}

async function heldWith(list: VariableList, view: (list: VariableList) => unknown): Promise<number> {
  const made = [await view(list)];
  const held = await heldBytes();
  expect(made).toHaveLength(1);
  return held;
}

/** Tries a few times: something else in the process may take or free memory at the same moment. */
async function holds(bytes: Uint8Array, rule: (times: number) => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (rule((await mostHeld(bytes)) / bytes.length)) return true;
  }
  return false;
}

test.each(lists)("a list of %s costs no more than a few MiB", async (_, bytes) => {
  expect(bytes.length).toBeLessThanOrEqual(MAX_LIST_BYTES);
  expect(bytes.length).toBeGreaterThan(MAX_LIST_BYTES / 4);
  expect(await holds(bytes, (times) => times < MOST)).toBe(true);
});

test("what is measured is held", async () => {
  expect(await holds(new Uint8Array(MAX_LIST_BYTES), (times) => times > 1.5)).toBe(true);
});
