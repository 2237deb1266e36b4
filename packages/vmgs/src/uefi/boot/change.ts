/** Changing what firmware boots: the order, the next boot, and single options. All functions are pure. */

import { checkFlag, checkList, checkObject, checkText, checkWhole } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { encode } from "../../layout/index.ts";
import {
  encodeLoadOption,
  loadOptionAttributes,
  type NewLoadOption,
  numberedName,
  optionNumbers,
  parseNumberedName,
  VendorGuid,
  variableValue,
} from "../values/index.ts";
import {
  removeVariables,
  setVariable,
  usualAttributes,
  type VariableKey,
  type VariableList,
} from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import { bootOrder, bootVariables, bootVariablesByNumber, globalVariable } from "./boot-variables.ts";

const MOST_NUMBER = 0xffff;
const vendor = VendorGuid.EFI_GLOBAL_VARIABLE;

/**
 * Numbers of the boot options that a text names: `000A` and `Boot000A` by number, else by description in either case.
 * Empty when there is none; several when a description is not unique.
 */
export function findBootOptions(list: VariableList, text: string): number[] {
  checkVariableList(list, "list");
  checkText(text, "text");
  const byNumber = bootVariablesByNumber(bootVariables(list));
  const named = parseNumberedName(/^[0-9a-f]{4}$/i.test(text) ? `Boot${text}` : text);
  if (named?.group === "Boot" && byNumber.has(named.number)) return [named.number];
  const wanted = text.toLowerCase();
  return [...byNumber].flatMap(([number, variable]) => {
    const value = variableValue(variable);
    return value.kind === "loadOption" && value.option.description.toLowerCase() === wanted ? [number] : [];
  });
}

/**
 * Makes BootOrder these numbers, each once; with `first`, these before the numbers that are in it already.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_VARIABLE_NOT_FOUND for a number without an option
 */
export function setBootOrder(list: VariableList, numbers: readonly number[], first = false): VariableList {
  checkVariableList(list, "list");
  checkList(numbers, "numbers", checkWhole);
  checkFlag(first, "first");
  for (const number of numbers) requireOption(list, number);
  return putOrder(list, [...new Set([...numbers, ...(first ? readableOrder(list) : [])])]);
}

/**
 * Makes BootNext this number: firmware tries it first, once. Null removes BootNext.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_VARIABLE_NOT_FOUND for a number without an option
 */
export function setBootNext(list: VariableList, number: number | null): VariableList {
  checkVariableList(list, "list");
  if (number === null) return removeGlobal(list, "BootNext");
  checkWhole(number, "number");
  requireOption(list, number);
  return putGlobal(list, "BootNext", encode(optionNumbers, [number]));
}

/**
 * Adds a boot option under the lowest free number, and puts it at the end of BootOrder, or with `first` at its start.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_OUT_OF_SPACE
 */
export function addBootOption(
  list: VariableList,
  option: NewLoadOption,
  first = false,
): { readonly list: VariableList; readonly number: number } {
  checkVariableList(list, "list");
  checkObject(option, "option", "attributes", "description", "paths");
  checkFlag(first, "first");
  // A number that only the order names would bring an option to a place that was meant for another.
  const used = new Set([...bootVariables(list).map(({ number }) => number), ...readableOrder(list)]);
  let number = 0;
  while (used.has(number)) number++;
  if (number > MOST_NUMBER) {
    throw new VmgsError("VMGS_UEFI_OUT_OF_SPACE", "all numbers of boot options are in use");
  }
  const added = putGlobal(list, numberedName("Boot", number), encodeLoadOption(option));
  const order = readableOrder(list);
  return { list: putOrder(added, first ? [number, ...order] : [...order, number]), number };
}

/**
 * Removes boot options: their variables in every spelling, their places in BootOrder, and BootNext when it names one.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_VARIABLE_NOT_FOUND for a number without an option
 */
export function removeBootOptions(list: VariableList, numbers: readonly number[]): VariableList {
  checkVariableList(list, "list");
  checkList(numbers, "numbers", checkWhole);
  for (const number of numbers) requireOption(list, number);
  const keys: VariableKey[] = bootVariables(list).flatMap(({ number, variable }) =>
    numbers.includes(number) ? [variable] : [],
  );
  const without = removeVariables(list, keys);
  const order = readableOrder(list);
  const kept = order.filter((number) => !numbers.includes(number));
  const ordered = kept.length === order.length ? without : putOrder(without, kept);
  const next = globalVariable(list, "BootNext");
  const value = next === null ? null : variableValue(next);
  const goes = value?.kind === "number" && numbers.includes(value.value);
  return goes ? removeGlobal(ordered, "BootNext") : ordered;
}

/**
 * Sets or clears LOAD_OPTION_ACTIVE of the option that firmware reads; all its other bytes stay. Firmware skips an
 * option that is not active.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED, VMGS_UEFI_VARIABLE_NOT_FOUND, VMGS_UEFI_VALUE when it is not a boot option
 */
export function setBootOptionActive(list: VariableList, number: number, active: boolean): VariableList {
  checkVariableList(list, "list");
  checkWhole(number, "number");
  checkFlag(active, "active");
  const variable = requireOption(list, number);
  const value = variableValue(variable);
  if (value.kind === "raw" && value.error !== null) throw value.error;
  const data = variable.data.slice();
  const bit = loadOptionAttributes.of("ACTIVE");
  // The attributes come first, in little-endian order.
  data[0] = active ? (data[0] ?? 0) | bit : (data[0] ?? 0) & ~bit;
  return setVariable(list, { ...keyOf(variable), attributes: variable.attributes, data });
}

const keyOf = ({ name }: VariableKey): VariableKey => ({ vendor, name });

function requireOption(list: VariableList, number: number) {
  const variable = bootVariablesByNumber(bootVariables(list)).get(number);
  if (variable !== undefined) return variable;
  const message =
    number > MOST_NUMBER
      ? `${number} is not the number of a boot option`
      : `there is no ${numberedName("Boot", number)}`;
  throw new VmgsError("VMGS_UEFI_VARIABLE_NOT_FOUND", message);
}

/** What BootOrder names; nothing when it can't be read, and is then replaced. */
function readableOrder(list: VariableList): readonly number[] {
  const variable = globalVariable(list, "BootOrder");
  const isRead = variable !== null && variableValue(variable).kind === "optionNumbers";
  return isRead ? (bootOrder(list) ?? []) : [];
}

function putOrder(list: VariableList, numbers: readonly number[]): VariableList {
  if (numbers.length === 0) return removeGlobal(list, "BootOrder");
  return putGlobal(list, "BootOrder", encode(optionNumbers, numbers));
}

function putGlobal(list: VariableList, name: string, data: Uint8Array): VariableList {
  const attributes = globalVariable(list, name)?.attributes ?? usualAttributes;
  return setVariable(list, { vendor, name, attributes, data });
}

function removeGlobal(list: VariableList, name: string): VariableList {
  return globalVariable(list, name) === null ? list : removeVariables(list, [{ vendor, name }]);
}
