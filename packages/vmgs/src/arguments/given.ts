/** What was given, in words that name its type and never its content. */

import { VmgsError } from "../errors/index.ts";

/** Words for classes of the language. A class of the caller is an object: its name may be content. */
const KNOWN =
  /^\[object (ArrayBuffer|SharedArrayBuffer|DataView|Map|Set|Date|Promise|RegExp|Blob|File|AbortSignal)\]$/;

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** The class of a typed array, of any realm; nothing that looks like one passes. */
export function typedArrayOf(value: unknown): string | undefined {
  return typedArrayTag.call(value);
}

/** The type of a value in words: `a string`, `NaN`, `an Uint16Array`. */
export function givenWords(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "number") return numberWords(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const typed = typedArrayOf(value);
  if (typed !== undefined) return `${/^[AEIO]/.test(typed) ? "an" : "a"} ${typed}`;
  const known = KNOWN.exec(Object.prototype.toString.call(value))?.[1];
  if (known === undefined) return "an object";
  return `${/^A/.test(known) ? "an" : "a"} ${known}`;
}

/** Only what kind of number it is: the number itself may be a secret that was passed in the wrong place. */
function numberWords(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return "an infinite number";
  if (!Number.isInteger(value)) return "a fraction";
  return value < 0 ? "a negative number" : "a number";
}

/**
 * The error for an argument.
 *
 * @param expected what the parameter takes, in words: `a Uint8Array`
 * @param given replaces the type's words where they don't say what is wrong
 */
export function refused(
  name: string,
  expected: string,
  value: unknown,
  given = givenWords(value),
): VmgsError {
  return new VmgsError("VMGS_INVALID_ARGUMENT", `${name} must be ${expected}, ${given} was given`, {
    parameter: name,
    given,
  });
}
