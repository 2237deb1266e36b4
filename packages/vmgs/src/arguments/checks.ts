/** Checks of one value each. All throw VMGS_INVALID_ARGUMENT, and return nothing. */

import { givenWords, refused, typedArrayOf } from "./given.ts";

/** Throws VMGS_INVALID_ARGUMENT, which names the parameter and the type that was given, never content. */
export type Check = (value: unknown, name: string) => void;

/**
 * What was given instead of bytes, in words, or null for bytes: a Uint8Array of any realm, also a Buffer. Views of
 * other widths would be cut, a detached one is empty, and what threads share can change after it was checked.
 */
export function givenForBytes(value: unknown): string | null {
  if (typedArrayOf(value) !== "Uint8Array") return givenWords(value);
  const view = value as Uint8Array;
  if (view.length === 0 && isDetached(view)) return "one whose memory was transferred";
  return isShared(view.buffer) ? "one over a SharedArrayBuffer" : null;
}

/** Bytes, as `givenForBytes` says. */
export const checkBytes: Check = (value, name) => {
  const given = givenForBytes(value);
  if (given !== null) throw refused(name, "a Uint8Array of its own memory", value, given);
};

const ownByteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")
  ?.get as () => number;

/** By what only memory of one thread has: every check of bytes asks, so that it must not make text. */
function isShared(memory: ArrayBufferLike): boolean {
  try {
    ownByteLength.call(memory);
    return false;
  } catch {
    return true;
  }
}

/** An empty view does not say whether its memory was taken away; another one over it can't be made then. */
function isDetached(view: Uint8Array): boolean {
  try {
    new Uint8Array(view.buffer, view.byteOffset);
    return false;
  } catch {
    return true;
  }
}

/** A whole number from 0 to `max`: sizes, offsets, IDs, handles. */
export function checkWhole(value: unknown, name: string, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return;
  const limit = max === Number.MAX_SAFE_INTEGER ? "2^53 - 1" : max;
  const isTooLarge = Number.isInteger(value) && (value as number) > max;
  const given = isTooLarge ? "a larger one" : givenWords(value);
  throw refused(name, `a whole number from 0 to ${limit}`, value, given);
}

/** A whole number that is not negative, as a number or a bigint. */
export const checkInteger: Check = (value, name) => {
  if ((typeof value === "bigint" || Number.isSafeInteger(value)) && (value as number | bigint) >= 0) return;
  throw refused(name, "a whole number or a bigint, and not negative", value);
};

/** A number of any kind, where what is out of range has an error of its own. */
export const checkNumber: Check = (value, name) => {
  if (typeof value !== "number") throw refused(name, "a number", value);
};

function checkType(expected: string, isRight: (value: unknown) => boolean): Check {
  return (value, name) => {
    if (!isRight(value)) throw refused(name, expected, value);
  };
}

export const checkText = checkType("a string", (value) => typeof value === "string");

export const checkBigint = checkType("a bigint", (value) => typeof value === "bigint");

export const checkFlag = checkType("true or false", (value) => typeof value === "boolean");

export const checkCallback = checkType("a function", (value) => typeof value === "function");

export const checkDate = checkType(
  "a valid Date",
  (value) => tagOf(value) === "[object Date]" && !Number.isNaN(Number(value)),
);

export const checkMap = checkType("a Map", (value) => tagOf(value) === "[object Map]");

export const checkBlob = checkType("a Blob or File", (value) =>
  /^\[object (Blob|File)\]$/.test(tagOf(value)),
);

export const checkIterable = checkType(
  "a list",
  (value) =>
    typeof value === "object" && value !== null && Symbol.iterator in value && !ArrayBuffer.isView(value),
);

const tagOf = (value: unknown) => Object.prototype.toString.call(value);

/** An array, whose elements may be checked as well. */
export function checkList(value: unknown, name: string, element?: Check): void {
  if (!Array.isArray(value)) throw refused(name, "an array", value);
  if (element !== undefined) for (const [i, each] of value.entries()) element(each, `${name}[${i}]`);
}

/** An object that has the members that are named: what another function of the library made. */
export function checkObject(value: unknown, name: string, ...members: readonly string[]): void {
  checkMembers(value, name, members);
}

/** The same with the members in a list, which checks that are made once don't make again for each call. */
export function checkMembers(value: unknown, name: string, members: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw refused(name, expectedObject(members), value);
  }
  for (const member of members) {
    if (!(member in value)) {
      throw refused(name, expectedObject(members), value, `an object without ${member}`);
    }
  }
}

function expectedObject(members: readonly string[]): string {
  return members.length === 0 ? "an object" : `an object with ${members.join(", ")}`;
}

/** A signal that ends a wait. */
export const checkSignal: Check = (value, name) => checkObject(value, name, "aborted", "addEventListener");
