/** JSON, and how 64-bit values stand in it. */

import { checkBigint } from "../arguments/index.ts";

/** A value that `JSON.stringify` keeps as it is. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A 64-bit value with all its digits: a number up to 2^53 - 1, which JSON readers keep, and above that a decimal string
 * (docs/decisions/0021-arguments-and-exact-numbers.md).
 */
export function exactNumber(value: bigint): number | string {
  checkBigint(value, "value");
  const isSafe = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
  return isSafe ? Number(value) : value.toString();
}
