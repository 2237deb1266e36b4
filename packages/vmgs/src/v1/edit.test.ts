import fc from "fast-check";
import { expect, test } from "vitest";
import { utf16z } from "../../test/v1-file.ts";
import { listOf, type Variable, zeroEfiTime } from "../uefi/index.ts";
import { readV1Data } from "./index.ts";
import { editV1Variables, readV1Variables } from "./rooms.ts";

const FIRMWARE = "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad";
const A = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const B = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

const variable = (vendor: string, name: string, data: number[], attributes = 7): Variable => ({
  vendor,
  name,
  attributes,
  timestamp: zeroEfiTime,
  data: Uint8Array.from(data),
  namePadding: new Uint8Array(0),
});

/** Everything that must survive: a large number, names that stand twice, unknown members, white space. */
const documentWith = (nvram: string) =>
  `{"Version" : {"Major":1,"Huge":123456789012345678901234567890},\n "Devices":{"x":{"States":{"a":1,"a":2}},"${FIRMWARE}":` +
  `{"Later":[ ],"States":{"Other":{"k":1e400},"Nvram":${nvram}}}}, "End":null }`;

const vendorText = (vendor: string, members: string) =>
  `"${vendor}":{"Own":0,"Variables":{${members}},"Tail":1}`;

const edit = (text: string, ...wanted: Variable[]) =>
  editV1Variables(readV1Data(utf16z(text)), listOf(wanted));

const V1 = '"one":{"Attributes":7,"Data":[1, 2],"Time":"kept"}';
const V2 = '"two":{"Data":[3],"Attributes":7}';
const V3 = '"three":{"Attributes":7,"Data":[ ]}';

test.each<[string, string, Variable[], string]>([
  [
    "the same variables change nothing",
    `${V1}, ${V2}`,
    [variable(A, "two", [3]), variable(A, "one", [1, 2])],
    `${V1}, ${V2}`,
  ],
  [
    "a value",
    `${V1} , ${V2}`,
    [variable(A, "one", [9]), variable(A, "two", [3])],
    `"one":{"Attributes":7,"Data":[9],"Time":"kept"} , ${V2}`,
  ],
  ["attributes", V2, [variable(A, "two", [3], 39)], '"two":{"Data":[3],"Attributes":39}'],
  ["the first goes", `${V1}, ${V2}`, [variable(A, "two", [3])], V2],
  ["the last goes", `${V1}, ${V2}`, [variable(A, "one", [1, 2])], V1],
  [
    "one in the middle goes",
    `${V1},${V2},${V3}`,
    [variable(A, "one", [1, 2]), variable(A, "three", [])],
    `${V1},${V3}`,
  ],
  ["all but the middle one go", `${V1},${V2},${V3}`, [variable(A, "two", [3])], V2],
  ["all go", `${V1},${V2}`, [], ""],
  [
    "one is added",
    V1,
    [variable(A, "one", [1, 2]), variable(A, 'n"', [5])],
    `${V1},"n\\"":{"Attributes":7,"Data":[5]}`,
  ],
  ["all go and one is added", V1, [variable(A, "new", [5])], '"new":{"Attributes":7,"Data":[5]}'],
  [
    "what can't be read stays",
    `"bad":{"Data":"x"},${V1}`,
    [variable(A, "one", [4])],
    `"bad":{"Data":"x"},"one":{"Attributes":7,"Data":[4],"Time":"kept"}`,
  ],
])("%s", (_, before, wanted, after) => {
  const frame = (members: string) =>
    documentWith(`{"Vendors":{${vendorText(A, members)}},"LastUpdateTime":"t"}`);
  expect(edit(frame(before), ...wanted)).toBe(frame(after));
});

test("a new vendor goes to the end of the vendors, and what is missing above it is made", () => {
  const one = variable(B, "n", [1]);
  const made = `"${B}":{"Variables":{"n":{"Attributes":7,"Data":[1]}}}`;
  const known = vendorText(A, "");
  expect(edit(documentWith(`{"Vendors":{${known}}}`), one)).toBe(
    documentWith(`{"Vendors":{${known},${made}}}`),
  );
  expect(edit(documentWith('{"L":1}'), one)).toBe(documentWith(`{"L":1,"Vendors":{${made}}}`));
  const without = `{"Devices":{"${FIRMWARE}":{"States":{}}}}`;
  expect(edit(without, one)).toBe(`{"Devices":{"${FIRMWARE}":{"States":{"Nvram":{"Vendors":{${made}}}}}}}`);
  expect(() => edit('{"Devices":{}}', one)).toThrow("no states of the firmware device");
});

test("a variable that stands twice is changed where it counts, and removed everywhere", () => {
  const twice = `${V1},${V1}`;
  const frame = (members: string) => documentWith(`{"Vendors":{${vendorText(A, members)}}}`);
  expect(edit(frame(twice), variable(A, "one", [7]))).toBe(
    frame(`${V1},"one":{"Attributes":7,"Data":[7],"Time":"kept"}`),
  );
  expect(edit(frame(`${twice},${V2}`), variable(A, "two", [3]))).toBe(frame(V2));
});

test("whatever is asked for is what is read afterwards, and undoing it brings back the same variables", () => {
  const variables = fc.uniqueArray(
    fc.record({
      vendor: fc.constantFrom(A, B),
      name: fc.string({ maxLength: 3, unit: "binary" }),
      data: fc.array(fc.nat(255), { maxLength: 4 }),
    }),
    { maxLength: 8, selector: ({ vendor, name }) => vendor + name },
  );
  const listed = fc.tuple(variables, variables);
  fc.assert(
    fc.property(listed, ([first, second]) => {
      const [a, b] = [first, second].map((list) =>
        list
          .filter(({ name }) => !name.includes("\0"))
          .map(({ vendor, name, data }) => variable(vendor, name, data)),
      ) as [Variable[], Variable[]];
      const read = (text: string) => readV1Variables(readV1Data(utf16z(text))).list;
      const sorted = (list: Variable[]) =>
        [...list]
          .sort((x, y) => (x.vendor + x.name < y.vendor + y.name ? -1 : 1))
          .map(({ vendor, name, data }) => [vendor, name, [...data]]);
      const start = documentWith(`{"Vendors":{${vendorText(A, "")}}}`);
      let text = start;
      for (const wanted of [a, b, a, []]) {
        text = edit(text, ...wanted);
        expect(read(text).problems).toEqual([]);
        expect(read(text).variables.map(({ vendor, name, data }) => [vendor, name, [...data]])).toEqual(
          sorted(wanted),
        );
      }
    }),
    { numRuns: 200 },
  );
});
