import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../layout/index.ts";
import {
  appendVariable,
  dropUnreadable,
  EFI_UNSPECIFIED_TIMEZONE,
  efiTimeFromDate,
  emptyVariableList,
  encodeVariableList,
  entryPicture,
  formatEfiTime,
  getVariable,
  listOf,
  MAX_DATA_BYTES,
  MAX_LIST_BYTES,
  nextVariable,
  readVariableList,
  removeVariable,
  removeVariables,
  secureBootAttributes,
  setVariable,
  usualAttributes,
  type Variable,
  type VariableList,
  variableTime,
  zeroEfiTime,
} from "./index.ts";

const vendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const otherVendor = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const data = (...bytes: number[]) => Uint8Array.from(bytes);
const plain = (name: string, ...bytes: number[]) => ({
  vendor,
  name,
  attributes: usualAttributes,
  data: data(...bytes),
});
const three = ["A", "B", "C"].reduce<VariableList>(
  (list, name, index) => setVariable(list, plain(name, index)),
  emptyVariableList,
);
const names = (list: VariableList) => list.variables.map(({ name }) => name).join("");
const codeOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

/** An entry with any header; `length` says what the header says. */
function rawEntry(
  name: Uint8Array,
  content: Uint8Array,
  header: { type?: number; length?: number } = {},
): string {
  const bytes = new Uint8Array(48 + name.length + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.type ?? 0, true);
  view.setUint32(4, header.length ?? bytes.length, true);
  view.setUint16(44, name.length, true);
  view.setUint16(46, content.length, true);
  bytes.set(name, 48);
  bytes.set(content, 48 + name.length);
  return toHex(bytes);
}
const good = rawEntry(data(0x47, 0, 0, 0), data(1));
const read = (hex: string, options = {}) => readVariableList(fromHex(hex) ?? data(), options);
const problemIds = (list: VariableList) => list.problems.map(({ id }) => id);

describe("changing a list", () => {
  test("keeps the order, replaces in place and puts new variables at the end", () => {
    expect(names(three)).toBe("ABC");
    const changed = setVariable(setVariable(three, plain("B", 9, 9)), plain("D", 1));
    expect(names(changed)).toBe("ABCD");
    expect(getVariable(changed, { vendor, name: "B" })?.data).toEqual(data(9, 9));
    expect(getVariable(three, { vendor, name: "B" })?.data).toEqual(data(1));
  });

  test("tells variables apart by vendor and exact name", () => {
    const list = setVariable(three, { ...plain("A", 7), vendor: otherVendor.toUpperCase() });
    expect(names(list)).toBe("ABCA");
    expect(getVariable(list, { vendor: otherVendor, name: "A" })?.data).toEqual(data(7));
    expect(getVariable(list, { vendor, name: "a" })).toBeNull();
  });

  test("appends to what exists, and to nothing else", () => {
    const list = appendVariable(three, { vendor, name: "A", data: data(5, 6) });
    expect(getVariable(list, { vendor, name: "A" })?.data).toEqual(data(0, 5, 6));
    expect(codeOf(() => appendVariable(three, { vendor, name: "X", data: data(1) }))).toBe(
      "VMGS_UEFI_VARIABLE_NOT_FOUND",
    );
  });

  test("removes one variable, or as many as exist of several", () => {
    expect(names(removeVariable(three, { vendor, name: "B" }))).toBe("AC");
    expect(names(removeVariables(three, [plain("A"), plain("X"), plain("C")]))).toBe("B");
    expect(codeOf(() => removeVariable(three, { vendor, name: "X" }))).toBe("VMGS_UEFI_VARIABLE_NOT_FOUND");
  });

  test("goes through the variables one after the other", () => {
    const seen: string[] = [];
    for (let at = nextVariable(three, null); at !== null; at = nextVariable(three, at)) seen.push(at.name);
    expect(seen).toEqual(["A", "B", "C"]);
    expect(nextVariable(emptyVariableList, null)).toBeNull();
    expect(codeOf(() => nextVariable(three, { vendor, name: "X" }))).toBe("VMGS_UEFI_VARIABLE_NOT_FOUND");
  });

  test("takes all copies of a key for one variable", () => {
    const [a, b] = three.variables as [Variable, Variable];
    const list = listOf([a, b, { ...a, data: data(8) }]);
    expect(getVariable(list, a)?.data).toEqual(data(0));
    expect(names(setVariable(list, plain("A", 3)))).toBe("AB");
    expect(names(removeVariable(list, a))).toBe("B");
  });

  test("refuses what firmware would not store", () => {
    const attempt = (change: object) => codeOf(() => setVariable(three, { ...plain("N", 1), ...change }));
    expect(attempt({ name: "" })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ name: "a\0" })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ vendor: "none" })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ attributes: 6 })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ attributes: 0x47 })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ attributes: 2 ** 32 + 1 })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ data: data() })).toBe("VMGS_UEFI_VARIABLE_INVALID");
    expect(attempt({ data: new Uint8Array(MAX_DATA_BYTES + 1) })).toBe("VMGS_UEFI_DATA_TOO_LONG");
    expect(attempt({ data: new Uint8Array(MAX_DATA_BYTES) })).toBeUndefined();
    expect(attempt({ name: "n".repeat(1024) })).toBe("VMGS_UEFI_NAME_TOO_LONG");
    expect(attempt({ name: "n".repeat(1023) })).toBeUndefined();
  });

  test("is out of space at 131072 bytes, as the reference is, and at no byte less", () => {
    const sizes = [MAX_DATA_BYTES, MAX_DATA_BYTES, MAX_DATA_BYTES];
    const filled = sizes.reduce<VariableList>(
      (list, size, index) => setVariable(list, { ...plain(`${index}`), data: new Uint8Array(size) }),
      emptyVariableList,
    );
    const room = MAX_LIST_BYTES - 1 - filled.byteLength - 48 - 4;
    const last = (size: number) => setVariable(filled, { ...plain("L"), data: new Uint8Array(size) });
    expect(last(room).byteLength).toBe(MAX_LIST_BYTES - 1);
    expect(codeOf(() => last(room + 1))).toBe("VMGS_UEFI_OUT_OF_SPACE");
    expect(codeOf(() => appendVariable(last(room), { vendor, name: "L", data: data(1) }))).toBe(
      "VMGS_UEFI_OUT_OF_SPACE",
    );
  });

  test("keeps the time of a variable that is replaced, unless another is given", () => {
    const time = efiTimeFromDate(new Date("2026-02-03T04:05:06Z"));
    const signed = { ...plain("T", 1), attributes: secureBootAttributes };
    const list = setVariable(three, { ...signed, timestamp: time });
    const again = setVariable(list, { ...signed, data: data(2) });
    expect(again.variables.at(-1)?.timestamp).toEqual(time);
    expect(variableTime(again.variables.at(-1) as Variable)).toBe("2026-02-03T04:05:06Z");
  });
});

describe("a damaged list", () => {
  const unterminated = rawEntry(data(0x4e, 0), data(2));
  const cases: readonly (readonly [problem: string, entry: string, after: boolean])[] = [
    ["unknown-header-type", rawEntry(data(0x42, 0, 0, 0), data(1), { type: 1 }), true],
    ["length-mismatch", `${rawEntry(data(0x42, 0, 0, 0), data(1), { length: 54 })}00`, true],
    ["name-too-long", rawEntry(new Uint8Array(2050), data(1)), true],
    ["data-too-long", rawEntry(data(0x42, 0, 0, 0), new Uint8Array(MAX_DATA_BYTES + 1)), true],
    ["name-not-terminated", unterminated, true],
    ["name-not-terminated", rawEntry(data(), data(2)), true],
    ["entry-past-end", rawEntry(data(0x42, 0, 0, 0), data(1), { length: 1000 }), false],
    ["entry-too-short", rawEntry(data(0x42, 0, 0, 0), data(1), { length: 47 }), false],
    ["trailing-bytes", "00000000", false],
  ];

  test.each(cases)("names %s and its offset, and reads what can be read", (problem, entry, after) => {
    const list = read(good + entry + (after ? good : ""));
    expect(problemIds(list)).toEqual([problem]);
    expect(list.problems[0]?.offset).toBe(good.length / 2);
    expect(names(list)).toBe(after ? "GG" : "G");
    expect(toHex(encodeVariableList(list))).toBe(good + entry + (after ? good : ""));
  });

  test("of more than 131072 bytes is read, but named", () => {
    const list = read(good.repeat(MAX_LIST_BYTES / (good.length / 2) + 1));
    expect(problemIds(list)).toEqual(["file-too-large"]);
    expect(list.variables.length).toBeGreaterThan(2000);
  });

  test("can't be changed before what can't be read is dropped", () => {
    const list = read(`${good}00`);
    expect(codeOf(() => setVariable(list, plain("N", 1)))).toBe("VMGS_UEFI_LIST_DAMAGED");
    expect(codeOf(() => removeVariable(list, list.variables[0] as Variable))).toBe("VMGS_UEFI_LIST_DAMAGED");
    expect(names(setVariable(dropUnreadable(list), plain("N", 1)))).toBe("GN");
  });

  test("with names that lack a NUL counts as sound when that is allowed, and keeps them", () => {
    const list = read(good + unterminated + good, { strict: true, skipUnterminatedNames: true });
    expect(list.problems).toEqual([]);
    const changed = setVariable(list, plain("N", 1));
    expect(toHex(encodeVariableList(changed))).toContain(unterminated);
    expect(codeOf(() => read(`${good}00`, { strict: true, skipUnterminatedNames: true }))).toBe(
      "VMGS_UEFI_TRAILING_BYTES",
    );
  });

  test("that looks like noise is said to be locked; one that was cut is not", () => {
    const noise = read(`9a3f10e1${"38b4e652".repeat(64)}`);
    expect(noise.probablyLocked).toBe(true);
    expect(noise.problems[0]?.message).toMatch(/key is probably missing/);
    const cut = read(good.slice(0, -2));
    expect(cut.probablyLocked).toBe(false);
    expect(cut.problems[0]?.message).not.toMatch(/key/);
  });
});

test("an entry draws a picture of its bytes", () => {
  const { rows, error } = entryPicture(three.variables[0] as Variable, 100);
  expect(error).toBeNull();
  expect(rows.map(({ offset, path }) => `${offset} ${path}`).slice(0, 4)).toEqual([
    "100 headerType",
    "104 length",
    "108 attributes",
    "112 timestamp.year",
  ]);
  expect(rows.find(({ path }) => path === "attributes")?.words).toBe(
    "NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS",
  );
});

test("EFI_TIME is printed with nanoseconds and zone where they say something", () => {
  const time = { ...zeroEfiTime, year: 2013, month: 10, day: 8, hour: 14, minute: 38 };
  expect(formatEfiTime(time)).toBe("2013-10-08T14:38:00Z");
  expect(formatEfiTime({ ...time, timeZone: EFI_UNSPECIFIED_TIMEZONE })).toBe("2013-10-08T14:38:00");
  expect(formatEfiTime({ ...time, timeZone: 120 })).toBe("2013-10-08T14:38:00+02:00");
  expect(formatEfiTime({ ...time, timeZone: -570 })).toBe("2013-10-08T14:38:00-09:30");
  expect(formatEfiTime({ ...time, nanosecond: 5 })).toBe("2013-10-08T14:38:00.000000005Z");
});

describe("any list", () => {
  const bytes = (max: number) => fc.uint8Array({ maxLength: max });
  const guid = fc
    .stringMatching(/^[0-9a-f]{32}$/)
    .map((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  const unit = fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code));
  const u8 = fc.integer({ min: 0, max: 0xff });
  const variable: fc.Arbitrary<Variable> = fc.record({
    vendor: guid,
    name: fc.string({ unit, maxLength: 20 }),
    attributes: fc.integer({ min: 0, max: 0xffff_ffff }),
    timestamp: fc.record({
      year: fc.integer({ min: 0, max: 0xffff }),
      month: u8,
      day: u8,
      hour: u8,
      minute: u8,
      second: u8,
      pad1: u8,
      nanosecond: fc.integer({ min: 0, max: 0xffff_ffff }),
      timeZone: fc.integer({ min: -0x8000, max: 0x7fff }),
      daylight: u8,
      pad2: u8,
    }),
    data: bytes(40),
    namePadding: bytes(5),
  });

  test("of variables is read as it was written", () => {
    fc.assert(
      fc.property(fc.array(variable, { maxLength: 6 }), (variables) => {
        const list = readVariableList(encodeVariableList(listOf(variables)), { strict: true });
        expect(list.variables).toEqual(variables);
      }),
      { numRuns: 300 },
    );
  });

  test("of bytes is written as it was read", () => {
    const chunk = fc.oneof(
      bytes(60).map(toHex),
      variable.map((one) => toHex(encodeVariableList(listOf([one])))),
      fc.tuple(bytes(9), bytes(9)).map(([name, content]) => rawEntry(name, content)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const hex = chunks.join("");
        expect(toHex(encodeVariableList(read(hex)))).toBe(hex);
      }),
      { numRuns: 500 },
    );
  });
});
