/** Named bits of an integer. */

import { checkObject } from "../arguments/index.ts";
import { hexNumber } from "./hex.ts";

/** Named bits of an integer. */
export interface Bits<Name extends string> {
  /** Number of each bit, 0 the lowest. */
  readonly numbers: Readonly<Record<Name, number>>;
  /** Mask of each name. */
  readonly mask: { readonly [N in Name]: number };
  /** The integer with exactly the named bits set. */
  of(...names: Name[]): number;
  /** Whether the named bit is set. */
  has(value: number, name: Name): boolean;
  /** Names of the bits that are set, lowest bit first. */
  names(value: number): Name[];
  /** The bits that are set and have no name. */
  unknown(value: number): number;
  /** Names joined by ` | `, unknown bits as hex, `none` for zero. */
  words(value: number): string;
}

/** Declares the bits of an integer of up to 32 bits by their numbers. */
export function bits<const B extends Readonly<Record<string, number>>>(numbers: B): Bits<keyof B & string> {
  checkObject(numbers, "numbers");
  type Name = keyof B & string;
  const entries = (Object.entries(numbers) as [Name, number][]).sort((a, b) => a[1] - b[1]);
  const mask = Object.fromEntries(entries.map(([name, bit]) => [name, 2 ** bit])) as { [N in Name]: number };
  const known = entries.reduce((all, [name]) => (all | mask[name]) >>> 0, 0);
  const has = (value: number, name: Name) => (value & mask[name]) >>> 0 !== 0;
  const names = (value: number) => entries.filter(([name]) => has(value, name)).map(([name]) => name);
  const unknown = (value: number) => (value & ~known) >>> 0;
  return {
    numbers,
    mask,
    of: (...list) => list.reduce((all, name) => (all | mask[name]) >>> 0, 0),
    has,
    names,
    unknown,
    words: (value) => {
      const words: string[] = names(value);
      if (unknown(value) !== 0) words.push(hexNumber(unknown(value)));
      return words.join(" | ") || "none";
    },
  };
}
