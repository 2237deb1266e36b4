/** The variables that decide what firmware boots: BootOrder, BootNext and Boot####. */

import { decodeOptionNumbers, numberedName, parseNumberedName, VendorGuid } from "../values/index.ts";
import { getVariable, type Variable, type VariableList } from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";

/** The variable of EFI_GLOBAL_VARIABLE with this name, or null. */
export function globalVariable(list: VariableList, name: string): Variable | null {
  return getVariable(list, { vendor: VendorGuid.EFI_GLOBAL_VARIABLE, name });
}

/** A Boot#### variable and its number. */
export interface BootVariable {
  readonly number: number;
  readonly variable: Variable;
}

/**
 * All Boot#### variables in the order of the list. Hex digits count in either case, so a number can come twice: then
 * the specification's spelling is the one that firmware reads.
 */
export function bootVariables(list: VariableList): BootVariable[] {
  checkVariableList(list, "list");
  const found: BootVariable[] = [];
  for (const variable of list.variables) {
    if (variable.vendor !== VendorGuid.EFI_GLOBAL_VARIABLE) continue;
    const name = parseNumberedName(variable.name);
    if (name?.group === "Boot") found.push({ number: name.number, variable });
  }
  return found;
}

/** Of the variables with the same number, the one that firmware reads: upper case first, else the first. */
export function bootVariablesByNumber(all: readonly BootVariable[]): ReadonlyMap<number, Variable> {
  const chosen = new Map<number, Variable>();
  for (const { number, variable } of all) {
    if (!chosen.has(number) || variable.name === numberedName("Boot", number)) chosen.set(number, variable);
  }
  return chosen;
}

/**
 * The numbers in BootOrder; null when there is no such variable.
 *
 * @throws LayoutError when its length is odd.
 */
export function bootOrder(list: VariableList): readonly number[] | null {
  const variable = globalVariable(list, "BootOrder");
  return variable === null ? null : decodeOptionNumbers(variable.data);
}
