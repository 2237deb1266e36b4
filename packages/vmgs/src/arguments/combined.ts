/** Checks made of other checks. */

import { type Check, checkList, checkMembers, checkObject } from "./checks.ts";
import { givenWords, refused } from "./given.ts";

/** What the check takes, or undefined. */
export function optional(check: Check): Check {
  return (value, name) => {
    if (value !== undefined) check(value, name);
  };
}

/** What the check takes, or null. */
export function orNull(check: Check): Check {
  return (value, name) => {
    if (value !== null) check(value, name);
  };
}

/** One of a few values. */
export function oneOf(values: readonly unknown[]): Check {
  const expected = values
    .map((value) => (typeof value === "string" ? `"${value}"` : `${value}`))
    .join(" or ");
  return (value, name) => {
    if (values.includes(value)) return;
    const isOfType = values.some((right) => typeof right === typeof value);
    throw refused(name, expected, value, isOfType ? `another ${typeof value}` : givenWords(value));
  };
}

/** An instance of a class of the library. */
export function instanceOf(type: abstract new (...given: never[]) => unknown, expected: string): Check {
  return (value, name) => {
    if (!(value instanceof type)) throw refused(name, expected, value);
  };
}

/** An array whose elements all pass. */
export function eachOf(check: Check): Check {
  return (value, name) => checkList(value, name, check);
}

/** An object whose members pass: each is checked under its own name. */
export function withMembers(members: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(members);
  return (value, name) => {
    checkObject(value, name);
    for (const [member, check] of entries) {
      check((value as Record<string, unknown>)[member], `${name}.${member}`);
    }
  };
}

/** An object with the members that are named: what another function of the library made. */
export function having(...members: readonly string[]): Check {
  return (value, name) => checkMembers(value, name, members);
}

/** Options: an object, each of whose members may be left out. Looks at what is there: nearly always little is. */
export function optionsOf(members: Readonly<Record<string, Check>>): Check {
  const checks = new Map(Object.entries(members));
  return (value, name) => {
    checkObject(value, name);
    const options = value as Readonly<Record<string, unknown>>;
    for (const member in options) {
      if (options[member] !== undefined) checks.get(member)?.(options[member], `${name}.${member}`);
    }
  };
}
