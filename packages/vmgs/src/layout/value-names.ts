import { checkObject } from "../arguments/index.ts";

/** Names by value of a table of values by name: the `names` of a field that holds one of `TPM_ALG`, for example. */
export function valueNames(values: Readonly<Record<string, number>>): Readonly<Record<number, string>> {
  checkObject(values, "values");
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [value, name]));
}
