import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readV1Data, v1State, v1StateText } from "./index.ts";
import { checkJson, jsonMember, jsonMembers } from "./json-text.ts";
import { readV1Variables } from "./rooms.ts";

const FIRMWARE = "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad";
const VENDOR = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

function utf16(text: string, end = "\0"): Uint8Array {
  const bytes = new Uint8Array(2 * (text.length + end.length));
  [...(text + end).split("")].forEach((unit, i) => {
    new DataView(bytes.buffer).setUint16(2 * i, unit.charCodeAt(0), true);
  });
  return bytes;
}

const withVariables = (variables: string, vendor = VENDOR) =>
  readV1Data(
    utf16(
      `{"Devices":{"${FIRMWARE.toUpperCase()}":{"States":{"Nvram":{"Vendors":{"${vendor}":{"Variables":${variables}}}}}}}}`,
    ),
  );

const codeOf = (bytes: Uint8Array) => {
  try {
    readV1Data(bytes);
    return "read";
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe("JSON as text", () => {
  test("takes exactly what JSON.parse takes", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"\\u12',
      "1",
      "-0",
      "01",
      "1.5e+3",
      "1.",
      "true",
      "nul",
      " ",
      "\n",
    ];
    const texts = fc.oneof(
      fc.json(),
      fc.json({ noUnicodeString: false }).map((text) => text.replace(/[0-9"]/, "")),
      fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const refused = (read: () => unknown) => {
          try {
            read();
            return false;
          } catch {
            return true;
          }
        };
        expect(refused(() => checkJson(text))).toBe(refused(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  test("finds each member where it stands, those that stand twice too", () => {
    const text = '{ "a": 12345678901234567890 , "b\\u0041":[1,{"x":"}"}],"a":null}';
    const found = [...jsonMembers(text, checkJson(text))].map(({ name, value }) => [
      name,
      text.slice(value.start, value.end),
    ]);
    expect(found).toEqual([
      ["a", "12345678901234567890"],
      ["bA", '[1,{"x":"}"}]'],
      ["a", "null"],
    ]);
    const last = jsonMember(text, checkJson(text), "a");
    expect(text.slice(last?.start, last?.end)).toBe("null");
  });

  test("is refused beyond 64 levels, without running out of stack", () => {
    const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(() => checkJson(nested(64))).not.toThrow();
    expect(() => checkJson(nested(65))).toThrow("64 levels");
    expect(() => checkJson("[".repeat(5_000_000))).toThrow("64 levels");
  });
});

describe("data that is not what it should be", () => {
  test.each([
    ["nothing", new Uint8Array(0), "VMGS_V1_DATA"],
    ["an odd number of bytes", new Uint8Array(5), "VMGS_V1_DATA"],
    ["more than 16 MiB", new Uint8Array(16 * 1024 * 1024 + 2), "VMGS_V1_DATA"],
    ["no JSON", utf16("hello"), "VMGS_V1_JSON"],
    ["JSON without devices", utf16('{"Version":{}}'), "VMGS_V1_JSON"],
    ["devices that are a list", utf16('{"Devices":[]}'), "VMGS_V1_JSON"],
  ])("%s is refused", (_, bytes, code) => expect(codeOf(bytes)).toBe(code));

  test("a missing NUL, bytes after it and a device that stands twice are problems, and the rest is read", () => {
    const text = '{"Devices":{"X":{"States":{"S":1}},"X":{"States":{"S":2}},"Y":3}}';
    const ids = (bytes: Uint8Array) => readV1Data(bytes).problems.map(({ id }) => id);
    expect(ids(utf16(text, ""))).toEqual(["no-nul", "duplicate-device", "not-a-device"]);
    expect(ids(utf16(text, "\0more"))).toContain("bytes-after-nul");
    const data = readV1Data(utf16(text));
    const state = v1State(data, "X", "S");
    expect(state && v1StateText(data, state)).toBe("2");
  });

  test("text survives with unpaired surrogates and names of every kind", () => {
    const text = '{"Devices":{"__proto__":{"States":{"\ud800":"\udfff"}}}}';
    const data = readV1Data(utf16(text));
    expect(data.text).toBe(text);
    expect(data.devices[0]).toMatchObject({ id: "__proto__", states: [{ name: "\ud800" }] });
  });
});

describe("variables", () => {
  test("one that can't be read is named, and the rest is read", () => {
    const data = withVariables(
      '{"b":{"Attributes":7,"Data":[1,2]},"a":{"Attributes":7,"Data":[]},"words":{"Attributes":7,"Data":"x"},' +
        '"large":{"Attributes":7,"Data":[256]},"none":{"Attributes":7},"b":{"Attributes":3,"Data":[9]}}',
    );
    const { list, lastUpdateTime } = readV1Variables(data);
    expect(list.variables.map(({ name, attributes, data }) => [name, attributes, [...data]])).toEqual([
      ["a", 7, []],
      ["b", 3, [9]],
    ]);
    expect(list.problems.map(({ id, name }) => [id, name])).toEqual([
      ["value-invalid", "words"],
      ["value-invalid", "large"],
      ["value-invalid", "none"],
      ["variable-twice", "b"],
    ]);
    const [problem] = list.problems;
    expect(data.text.slice((problem?.offset ?? 0) / 2)).toMatch(/^"words"/);
    expect(lastUpdateTime).toBeNull();
  });

  test("a vendor that is not a GUID is a problem", () => {
    const { list } = readV1Variables(withVariables('{"a":{"Attributes":7,"Data":[]}}', "nobody"));
    expect(list.variables).toEqual([]);
    expect(list.problems).toMatchObject([{ id: "not-a-vendor", name: "nobody" }]);
  });
});
