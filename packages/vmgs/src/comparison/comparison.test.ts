/** What differs is told, once, and what does not is not; values stay where they are. */

import { describe, expect, test } from "vitest";
import { goldenFile, goldenImage, patterned } from "../../test/golden-data.ts";
import { freshStore, testKey } from "../../test/store-fixtures.ts";
import { openMemoryDisk } from "../disk/index.ts";
import { openStore } from "../store/index.ts";
import { readTpmState } from "../tpm/index.ts";
import { listOf, readVariableList, removeVariable, setVariable, type Variable } from "../uefi/index.ts";
import { compareStores, compareTpmStates, compareVariables } from "./index.ts";

const golden = async (name: string) => openStore(openMemoryDisk(await goldenImage(name)));

test.each(["worked-example", "real-vm-plain", "fragmented", "encrypted"])(
  "%s does not differ from itself",
  async (name) => {
    expect(await compareStores(await golden(name), await golden(name))).toMatchObject({
      same: true,
      files: [],
    });
  },
);

test("where files lie does not matter", async () => {
  const [a, b] = [await freshStore(), await freshStore()];
  await a.store.write(1, patterned(100, 1));
  await a.store.write(3, patterned(9000, 3));
  await b.store.write(3, patterned(9000, 3));
  await b.store.write(1, patterned(100, 1));
  expect(await compareStores(a.store, b.store)).toMatchObject({ same: true });
});

describe("files", () => {
  async function pair(key?: Uint8Array) {
    const [a, b] = [await freshStore(), await freshStore(key && { key })];
    return [a.store, b.store] as const;
  }

  test("that came, went and changed", async () => {
    const [a, b] = await pair();
    await a.write(1, patterned(10, 1));
    await a.write(2, patterned(10, 1));
    await b.write(2, patterned(10, 2));
    await b.write(4, patterned(10, 1));
    const { files } = await compareStores(a, b);
    expect(files.map(({ id, kind }) => [id, kind])).toEqual([
      [1, "went"],
      [2, "changed"],
      [4, "came"],
    ]);
  });

  test("with the same content, encrypted in one only", async () => {
    const [a, b] = await pair(testKey(1));
    await a.write(20, patterned(10, 1));
    await b.writeEncrypted(20, patterned(10, 1));
    const { files, properties } = await compareStores(a, b);
    expect(files.map(({ id, kind }) => [id, kind])).toEqual([[20, "stored"]]);
    expect(properties.map(({ property }) => property)).toContain("encryption");
  });

  test("that are locked are only compared as they are stored", async () => {
    const { disk, store } = await freshStore({ key: testKey(1) });
    await store.writeEncrypted(20, patterned(10, 1));
    await store.writeEncrypted(20, patterned(10, 1));
    const [before, after] = [await openStore(disk, { generation: "previous" }), await openStore(disk)];
    const locked = await compareStores(before, after);
    expect(locked.files.map(({ kind }) => kind)).toEqual(["unknown"]);
    await before.unlock(testKey(1));
    await after.unlock(testKey(1));
    expect((await compareStores(before, after)).files).toEqual([]);
  });
});

test("UEFI variables that came, went and changed", async () => {
  const list = readVariableList(await goldenFile("uefi/boot-entries.bin"));
  const [first, second] = list.variables as [Variable, Variable];
  let changed = setVariable(list, { ...first, data: new Uint8Array([...first.data, 1]) });
  changed = removeVariable(changed, second);
  changed = setVariable(changed, { ...first, name: "Added" });
  const changes = compareVariables(list, changed);
  expect(changes.map(({ kind, name, what }) => [kind, name, what])).toEqual([
    ["changed", first.name, ["data"]],
    ["came", "Added", []],
    ["went", second.name, []],
  ]);
  expect(compareVariables(list, list)).toEqual([]);
  expect(compareVariables(list, listOf([])).length).toBe(list.variables.length);
});

test("TPM indices and objects that came and went; no value is told", async () => {
  const [fresh, provisioned] = await Promise.all(
    ["fresh-32k", "provisioned-32k"].map(async (name) =>
      readTpmState(await goldenFile(`tpm-nvram/${name}.bin`)),
    ),
  );
  if (fresh === undefined || provisioned === undefined) throw new Error("no golden states");
  const changes = compareTpmStates(fresh, provisioned);
  const came = changes.filter(({ kind }) => kind === "came").map(({ handle }) => handle);
  expect(came).toEqual([...provisioned.indices, ...provisioned.objects].map(({ handle }) => handle));
  expect(compareTpmStates(fresh, fresh)).toEqual([]);
  expect(compareTpmStates(provisioned, fresh).filter(({ kind }) => kind === "went").length).toBe(came.length);
});

test("variables, TPM and marker are compared where their files differ", async () => {
  const [a, b] = [await golden("real-vm-plain"), await golden("worked-example")];
  const { marker, tpm, variables, notCompared } = await compareStores(b, a);
  expect(notCompared).toEqual([{ part: "tpm", reason: expect.stringContaining("no state of a TPM") }]);
  expect([tpm, variables]).toEqual([[], []]);
  expect(marker).toEqual([]);
});

test("fields of the marker", async () => {
  const [a, b] = [await golden("provisioned-empty"), await golden("provisioned-request")];
  const { marker } = await compareStores(a, b);
  expect(marker).toContainEqual({ field: "reason", before: "empty", after: "request" });
});
