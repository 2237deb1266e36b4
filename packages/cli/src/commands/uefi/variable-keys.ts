/** Naming variables on the command line. */

import { VmgsError } from "vmgskit";
import { vendorWord } from "vmgskit/report";
import { type Variable, type VariableKey, type VariableList, VendorGuid, valueShape } from "vmgskit/uefi";
import type { OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";

/**
 * The GUID of a vendor that is given as a GUID or by its name.
 *
 * @throws UsageError
 */
function parseVendor(text: string): string {
  const known = Object.entries(VendorGuid).find(([name]) => name === text.toUpperCase());
  if (known !== undefined) return known[1];
  const bare = text.toLowerCase().replace(/^\{(.*)\}$/, "$1");
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bare)) return bare;
  throw new UsageError(
    `--vendor: ${JSON.stringify(text)} is neither a GUID nor the name of a vendor`,
    `names are ${Object.keys(VendorGuid).join(", ")}`,
  );
}

/** The GUID that `--vendor` gives, or null. */
export function vendorOption(options: OptionValues): string | null {
  return options.vendor === undefined ? null : parseVendor(options.vendor as string);
}

/** All variables of that name, of any vendor or of one. */
function findVariables(list: VariableList, name: string, vendor: string | null): Variable[] {
  return list.variables.filter(
    (variable) => variable.name === name && (vendor === null || variable.vendor === vendor),
  );
}

/**
 * The same, when there is one at least.
 *
 * @throws VmgsError VMGS_UEFI_VARIABLE_NOT_FOUND
 */
export function requireVariables(list: VariableList, name: string, vendor: string | null): Variable[] {
  const found = findVariables(list, name, vendor);
  if (found.length > 0) return found;
  const of = vendor === null ? "" : ` of ${vendorWord(vendor)}`;
  const alike = list.variables.filter((variable) => variable.name.toLowerCase() === name.toLowerCase());
  const others = [...new Set(alike.map((variable) => `${variable.name} of ${vendorWord(variable.vendor)}`))];
  const unreadable = list.problems.some((problem) => problem.name === name);
  const message = unreadable
    ? `the variable ${JSON.stringify(name)}${of} can't be read`
    : `there is no variable ${JSON.stringify(name)}${of}`;
  const known = others.length === 0 ? "" : `; there is ${others.slice(0, 3).join(", ")}`;
  throw new VmgsError("VMGS_UEFI_VARIABLE_NOT_FOUND", `${message}${known}`);
}

/**
 * The one variable that is meant. Without `--vendor` it is the one that exists under that name, or a new one that only
 * the UEFI specification defines.
 *
 * @throws UsageError when several vendors come into question, or none
 */
export function chooseKey(list: VariableList, name: string, vendor: string | null): VariableKey {
  if (vendor !== null) return { vendor, name };
  const vendors = [...new Set(findVariables(list, name, null).map((variable) => variable.vendor))];
  const [only] = vendors;
  if (only !== undefined && vendors.length === 1) return { vendor: only, name };
  if (vendors.length > 1) {
    const words = vendors.map(vendorWord).join(", ");
    throw new UsageError(`several vendors have a variable ${JSON.stringify(name)}`, `add --vendor: ${words}`);
  }
  const defining = Object.values(VendorGuid).filter(
    (candidate) => valueShape({ vendor: candidate, name }) !== null,
  );
  const [definer] = defining;
  if (definer !== undefined && defining.length === 1) return { vendor: definer, name };
  throw new UsageError(
    `it is not known which vendor a new variable ${JSON.stringify(name)} belongs to`,
    "add --vendor GUID",
  );
}

/** A filter by name: `*` stands for any characters, `?` for one, case does not count. */
export function namePattern(pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/\*+/g, "[^]*").replaceAll("?", "[^]")}$`, "i");
}
