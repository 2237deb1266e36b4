import { describe, expect, test } from "vitest";
import { encode } from "../../layout/index.ts";
import { parseDevicePath } from "../device-path/index.ts";
import { encodeLoadOption, optionNumbers, VendorGuid } from "../values/index.ts";
import {
  dropUnreadable,
  emptyVariableList,
  encodeVariableList,
  readVariableList,
  setVariable,
  usualAttributes,
  type VariableList,
} from "../variables/index.ts";
import { type BootEntry, bootOverview, planBootReset } from "./index.ts";

const vendor = VendorGuid.EFI_GLOBAL_VARIABLE;
const add = (list: VariableList, name: string, data: Uint8Array) =>
  setVariable(list, { vendor, name, attributes: usualAttributes, data });
const option = (description: string, attributes = 1) =>
  encodeLoadOption({ attributes, description, paths: [parseDevicePath("Pci(0x1,0x0)")] });
const order = (...numbers: number[]) => encode(optionNumbers, numbers);
const make = (...variables: [name: string, data: Uint8Array][]) =>
  variables.reduce((list, [name, data]) => add(list, name, data), emptyVariableList);

const machine = make(
  ["BootOrder", order(0x0a, 3, 1)],
  ["Boot0001", option("off", 0)],
  ["Boot000a", option("first")],
  ["Boot0002", option("hidden, not in the order", 9)],
  ["Other", Uint8Array.of(1)],
  ["BootNext", order(2)],
  ["Timeout", order(5)],
  ["Driver0001", option("driver")],
);
const flags = (entry: BootEntry) =>
  (["dangling", "disabled", "hidden", "shadowed"] as const).filter((flag) => entry[flag]).join();
const rows = (list: VariableList) =>
  bootOverview(list).entries.map((entry) => `${entry.source} ${entry.name} ${flags(entry)}`.trim());

describe("the boot overview", () => {
  test("has BootNext first, then the order, then what is not in it", () => {
    expect(rows(machine)).toEqual([
      "bootNext Boot0002 hidden",
      "bootOrder Boot000a",
      "bootOrder Boot0003 dangling",
      "bootOrder Boot0001 disabled",
    ]);
    expect(rows(make(["Boot0002", option("x")], ["BootOrder", order(1)], ["Boot0001", option("y")]))).toEqual(
      ["bootOrder Boot0001", "unlisted Boot0002"],
    );
  });

  test("tells numbers, timeout, description and device path", () => {
    const overview = bootOverview(machine);
    expect(overview).toMatchObject({ bootNext: 2, bootOrder: [10, 3, 1], timeout: 5, errors: [] });
    expect(overview.entries[1]).toMatchObject({
      number: 10,
      devicePath: "Pci(0x1,0x0)",
      option: { description: "first" },
    });
  });

  test("takes the upper-case spelling when a number comes twice", () => {
    const list = make(
      ["Boot000a", option("lower")],
      ["Boot000A", option("upper")],
      ["BootOrder", order(10, 10)],
    );
    expect(rows(list)).toEqual(["bootOrder Boot000A", "bootOrder Boot000A", "unlisted Boot000a shadowed"]);
  });

  test("shows options and orders that can't be read, with the error", () => {
    const list = make(
      ["BootOrder", Uint8Array.of(1)],
      ["BootNext", Uint8Array.of(1)],
      ["Boot0000", order(1)],
    );
    const overview = bootOverview(list);
    expect(overview.errors.map(({ code }) => code)).toEqual(["VMGS_UEFI_VALUE", "VMGS_UEFI_VALUE"]);
    expect(overview.bootOrder).toBeNull();
    expect(overview.entries).toMatchObject([
      { name: "Boot0000", option: null, error: { code: "VMGS_UEFI_VALUE" } },
    ]);
  });

  test("shows an option whose device path can't be read, with the error", () => {
    const [plain] = make(["Boot0000", option("x")]).variables;
    const data = plain?.data.slice() ?? new Uint8Array(0);
    data[data.length - 4] = 1;
    const [entry] = bootOverview(make(["Boot0000", data])).entries;
    expect(entry).toMatchObject({ option: { description: "x" }, devicePath: null });
    expect(entry?.error?.message).toMatch(/^Boot0000: devicePath/);
  });

  test("of a machine without options is empty", () => {
    expect(bootOverview(emptyVariableList)).toEqual({
      bootNext: null,
      bootOrder: null,
      timeout: null,
      entries: [],
      errors: [],
    });
  });

  test("reads each option once, however often the order names it", () => {
    const path = `${"Pci(0x1,0x0)/".repeat(2000)}Pci(0x1,0x0)`;
    const large = encodeLoadOption({ attributes: 1, description: "x", paths: [parseDevicePath(path)] });
    const list = make(["Boot0000", large], ["BootOrder", order(...new Array<number>(16_000).fill(0))]);
    const { entries } = bootOverview(list);
    expect(entries).toHaveLength(16_000);
    expect(new Set(entries.map((entry) => entry.option)).size).toBe(1);
  });
});

describe("a boot reset", () => {
  test("removes BootOrder, BootNext and every option in either case, and nothing else", () => {
    const { list, removed, dangling, freedBytes } = planBootReset(machine);
    expect(list.variables.map(({ name }) => name)).toEqual(["Other", "Timeout", "Driver0001"]);
    expect(removed.map(({ name }) => name)).toEqual([
      "BootOrder",
      "Boot0001",
      "Boot000a",
      "Boot0002",
      "BootNext",
    ]);
    expect(dangling).toEqual([3]);
    expect(freedBytes).toBe(machine.byteLength - encodeVariableList(list).length);
  });

  test("of a machine without options changes nothing", () => {
    const list = make(["Other", Uint8Array.of(1)]);
    const reset = planBootReset(list);
    expect(reset.removed).toEqual([]);
    expect(encodeVariableList(reset.list)).toEqual(encodeVariableList(list));
  });

  test("removes an order that can't be read, too", () => {
    expect(planBootReset(make(["BootOrder", Uint8Array.of(1)]))).toMatchObject({
      dangling: [],
      list: { byteLength: 0 },
    });
  });

  test("needs a list that can be read", () => {
    const damaged = readVariableList(Uint8Array.of(...encodeVariableList(machine), 0));
    expect(() => planBootReset(damaged)).toThrow(/can't be changed/);
    expect(planBootReset(dropUnreadable(damaged)).removed).toHaveLength(5);
  });
});
