/** Forgetting all boot options, so that firmware looks for something to boot anew. */

import { LayoutError } from "../../layout/index.ts";
import { removeVariables, type Variable, type VariableKey, type VariableList } from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import { type BootVariable, bootOrder, bootVariables, globalVariable } from "./boot-variables.ts";

/** What a reset of the boot options would do. Nothing is changed by making it. */
export interface BootReset {
  /** The list without the boot options. */
  readonly list: VariableList;
  /** The variables that it lacks, in the order of the old list: BootOrder, BootNext and every Boot####. */
  readonly removed: readonly Variable[];
  /** Numbers in BootOrder without a variable; worth a warning, no hindrance. */
  readonly dangling: readonly number[];
  /** Bytes that become free. */
  readonly freedBytes: number;
}

/**
 * Plans the removal of BootOrder, BootNext and every Boot#### that exists, in either case of its hex digits, also those
 * that BootOrder does not name. Store `list` in one write, or the machine may be left with half of the options.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED
 */
export function planBootReset(list: VariableList): BootReset {
  checkVariableList(list, "list");
  const options = bootVariables(list);
  const keys: VariableKey[] = options.map(({ variable }) => variable);
  for (const name of ["BootOrder", "BootNext"]) {
    const variable = globalVariable(list, name);
    if (variable !== null) keys.push(variable);
  }
  const without = removeVariables(list, keys);
  const kept = new Set(without.variables);
  return {
    list: without,
    removed: list.variables.filter((variable) => !kept.has(variable)),
    dangling: danglingNumbers(list, options),
    freedBytes: list.byteLength - without.byteLength,
  };
}

function danglingNumbers(list: VariableList, options: readonly BootVariable[]): number[] {
  const existing = new Set(options.map(({ number }) => number));
  try {
    return [...new Set(bootOrder(list) ?? [])].filter((number) => !existing.has(number));
  } catch (error) {
    // A BootOrder that can't be read names nothing; it is removed all the same.
    if (error instanceof LayoutError) return [];
    throw error;
  }
}
