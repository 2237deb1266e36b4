/** Lists that are made to be long cost what their length costs: twice the variables, twice the work. */

import { describe, expect, test } from "vitest";
import { createStoreImage } from "../../test/diagnosis-fixtures.ts";
import { compareVariables } from "../comparison/index.ts";
import { diagnose } from "../diagnose/index.ts";
import { memorySource } from "../source/index.ts";
import {
  bootOverview,
  encodeVariableList,
  listOf,
  numberedName,
  planBootReset,
  readVariableList,
  removeVariables,
  secureBootState,
  setVariables,
  type Variable,
  type VariableList,
  VendorGuid,
  variableListFromJson,
  variableListToJson,
  zeroEfiTime,
} from "./index.ts";

const nothing = new Uint8Array(0);
const global = VendorGuid.EFI_GLOBAL_VARIABLE;
const variableOf = (name: string, data = Uint8Array.of(1)): Variable => ({
  vendor: global,
  name,
  attributes: 7,
  timestamp: zeroEfiTime,
  data,
  namePadding: nothing,
});

/** A list that counts how often the name of a variable is looked at. */
function counted(count: number, nameOf: (index: number) => string) {
  const counter = { reads: 0 };
  const variables = Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    return {
      ...variableOf(name),
      get name() {
        counter.reads++;
        return name;
      },
    };
  });
  const list = listOf(variables);
  counter.reads = 0;
  return { list, counter };
}

const SHAPES: readonly [name: string, nameOf: (index: number) => string][] = [
  ["different names", (index) => `V${index}`],
  ["the same name", () => "V"],
  ["boot options", (index) => numberedName("Boot", index)],
  ["empty names", () => ""],
];

const VIEWS: Readonly<Record<string, (list: VariableList) => unknown>> = {
  "the boot order": bootOverview,
  "the reset of the boot order": planBootReset,
  "secure boot": (list) => secureBootState(list, new Date(0)),
  "JSON, and back": (list) => variableListFromJson(variableListToJson(list)),
  "bytes, and back": (list) => readVariableList(encodeVariableList(list)),
  "a comparison with itself": (list) => compareVariables(list, list),
  "the removal of all": (list) => removeVariables(list, list.variables),
};

describe.each(SHAPES)("a list of variables with %s", (_, nameOf) => {
  test.each(Object.entries(VIEWS))(
    "%s looks at each name a few times, however many there are",
    async (_view, view) => {
      for (const count of [500, 1000, 2000]) {
        const { list, counter } = counted(count, nameOf);
        await view(list);
        expect(counter.reads).toBeLessThan(12 * count + 100);
      }
    },
  );
});

test("setting many variables looks at each name of the list a few times", () => {
  for (const count of [500, 1000, 2000]) {
    const { list, counter } = counted(count, (index) => `V${index}`);
    const given = Array.from({ length: count }, (_, index) => variableOf(`V${index}`, Uint8Array.of(2)));
    expect(setVariables(list, given).variables).toHaveLength(count);
    expect(counter.reads).toBeLessThan(12 * count);
  }
});

test("a document of unreadable parts is read in one pass over them", () => {
  let reads = 0;
  const count = 2000;
  const unreadable = Array.from({ length: count }, (_, index) => ({
    get before() {
      reads++;
      return index;
    },
    problem: "entry-too-short",
    data: "0000000030000000",
  }));
  const variables = (
    variableListToJson(listOf(Array.from({ length: count }, (_, i) => variableOf(`V${i}`)))) as {
      variables: object[];
    }
  ).variables;
  variableListFromJson({ schema: "vmgs.uefi/1", variables, unreadable });
  expect(reads).toBeLessThan(4 * count);
});

test("the doctor says of a list of problems what they are, and how many more there are", async () => {
  const entry = new Uint8Array(48);
  const header = new DataView(entry.buffer);
  header.setUint32(0, 9, true);
  header.setUint32(4, 48, true);
  const bad = new Uint8Array(48 * 5000);
  for (let at = 0; at < bad.length; at += 48) bad.set(entry, at);
  const good = encodeVariableList(listOf([variableOf("Good")]));
  const list = new Uint8Array(good.length + bad.length);
  list.set(good);
  list.set(bad, good.length);
  const image = await createStoreImage({ 1: list }, { blocks: 128 });
  const { findings } = await diagnose(memorySource(image));
  const told = findings.filter(({ id }) => id === "uefi-list-damaged");
  expect(told).toHaveLength(17);
  expect(told.at(-1)?.message).toBe("4985 more parts can't be read");
});
