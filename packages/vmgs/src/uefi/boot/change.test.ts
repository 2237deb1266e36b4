import { describe, expect, test } from "vitest";
import { encode } from "../../layout/index.ts";
import { parseDevicePath } from "../device-path/index.ts";
import { encodeLoadOption, optionNumbers, VendorGuid } from "../values/index.ts";
import { emptyVariableList, setVariable, usualAttributes, type VariableList } from "../variables/index.ts";
import {
  addBootOption,
  bootOverview,
  findBootOptions,
  removeBootOptions,
  setBootNext,
  setBootOptionActive,
  setBootOrder,
} from "./index.ts";

const vendor = VendorGuid.EFI_GLOBAL_VARIABLE;
const paths = [parseDevicePath("Pci(0x1,0x0)")];
const option = (description: string, attributes = 1) =>
  encodeLoadOption({ attributes, description, paths, optionalData: Uint8Array.of(1, 2, 3) });
const make = (...variables: [name: string, data: Uint8Array][]) =>
  variables.reduce(
    (list, [name, data]) => setVariable(list, { vendor, name, attributes: usualAttributes, data }),
    emptyVariableList,
  );
const machine = make(
  ["BootOrder", encode(optionNumbers, [2, 0, 9])],
  ["Boot0000", option("Windows Boot Manager")],
  ["Boot0002", option("ubuntu", 0)],
  ["Boot000a", option("Network")],
  ["BootNext", encode(optionNumbers, [2])],
);
const orderOf = (list: VariableList) => bootOverview(list).bootOrder;
const names = (list: VariableList) => list.variables.map(({ name }) => name);

describe("boot options", () => {
  test("are found by number, name and description", () => {
    for (const text of ["000a", "000A", "Boot000A", "network", "NETWORK"]) {
      expect(findBootOptions(machine, text), text).toEqual([10]);
    }
    expect(findBootOptions(machine, "0009")).toEqual([]);
    expect(findBootOptions(make(["Boot0001", option("x")], ["Boot0002", option("X")]), "x")).toEqual([1, 2]);
  });

  test("are put in an order, each once", () => {
    expect(orderOf(setBootOrder(machine, [0, 10, 0]))).toEqual([0, 10]);
    expect(orderOf(setBootOrder(machine, [0, 10], true))).toEqual([0, 10, 2, 9]);
    expect(() => setBootOrder(machine, [9])).toThrow("there is no Boot0009");
  });

  test("are tried next, once", () => {
    expect(bootOverview(setBootNext(machine, 10)).bootNext).toBe(10);
    expect(names(setBootNext(machine, null))).not.toContain("BootNext");
    expect(() => setBootNext(machine, 9)).toThrow("there is no Boot0009");
  });

  test("are added under a number that neither an option nor the order has", () => {
    const added = addBootOption(machine, { attributes: 1, description: "new", paths });
    expect([added.number, orderOf(added.list)]).toEqual([1, [2, 0, 9, 1]]);
    const first = addBootOption(added.list, { attributes: 1, description: "newer", paths }, true);
    expect([first.number, orderOf(first.list)]).toEqual([3, [3, 2, 0, 9, 1]]);
    expect(
      orderOf(addBootOption(emptyVariableList, { attributes: 1, description: "x", paths }).list),
    ).toEqual([0]);
  });

  test("are removed with their places in the order and in BootNext", () => {
    const without = removeBootOptions(machine, [2, 10]);
    expect(names(without)).toEqual(["BootOrder", "Boot0000"]);
    expect(orderOf(without)).toEqual([0, 9]);
  });

  test("are enabled and disabled, and nothing else of them changes", () => {
    const entryOf = (list: VariableList) => bootOverview(list).entries.find(({ number }) => number === 2);
    const enabled = setBootOptionActive(machine, 2, true);
    expect([entryOf(machine)?.disabled, entryOf(enabled)?.disabled]).toEqual([true, false]);
    expect(setBootOptionActive(enabled, 2, false)).toEqual(machine);
    expect(() => setBootOptionActive(make(["Boot0000", Uint8Array.of(1)]), 0, true)).toThrow(
      "not a load option",
    );
  });
});
