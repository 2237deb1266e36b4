/** Sizes and counts that are computed from fields before them. */

import { type Check, checkObject, refused, withMembers } from "../arguments/index.ts";
import { LayoutError } from "./layout-error.ts";
import { type Amount, amountWords, type LinearAmount } from "./shape.ts";
import type { FieldValues } from "./source.ts";

/** A whole number, which may be negative. */
export const checkSigned: Check = (value, name) => {
  if (!Number.isSafeInteger(value)) throw refused(name, "a whole number", value);
};

/** The sum of fields times their factors, and `plus`: `amount({ length: 1 }, -4)` is the field `length` less 4. */
export function amount(fields: Readonly<Record<string, number>>, plus = 0): LinearAmount {
  checkObject(fields, "fields");
  checkSigned(plus, "plus");
  return { fields, plus };
}

export const checkAmount = withMembers({ fields: checkObject, plus: checkSigned });

/**
 * The number that an amount is.
 *
 * @throws LayoutError when a field is not there, or the number is negative
 */
export function resolve(size: Amount, fields: FieldValues | undefined, offset: number): number {
  if (typeof size === "number") return size;
  let all = size.plus;
  for (const [name, factor] of Object.entries(size.fields))
    all += factor * fieldNumber(fields?.[name], name, offset);
  if (all < 0) throw new LayoutError(`${amountWords(size)} is ${all}`, offset);
  return all;
}

function fieldNumber(value: unknown, name: string, offset: number): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  throw new LayoutError(`depends on a field ${name} that is not there`, offset);
}
