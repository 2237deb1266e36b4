/** What writers are given: values of another type are refused by their type, since the value may be a secret. */

import { givenForBytes, givenWords, typedArrayOf } from "../arguments/index.ts";
import { LayoutError } from "./layout-error.ts";
import type { Sink } from "./sink.ts";

/** The error for a value of another type than its field takes. */
export function wrongType(
  sink: Sink,
  expected: string,
  value: unknown,
  given = givenWords(value),
): LayoutError {
  return new LayoutError(`${given} given, ${expected} expected`, sink.grow(0));
}

/** @throws LayoutError for anything but a Uint8Array; shared memory is copied as it is at that moment */
export function takeBytes(sink: Sink, value: unknown): void {
  if (typedArrayOf(value) === "Uint8Array" && (value as Uint8Array).length > 0) return;
  const given = givenForBytes(value);
  if (given !== null) throw wrongType(sink, "bytes", value, given);
}

/** @throws LayoutError for anything but text */
export function takeText(sink: Sink, value: unknown): void {
  if (typeof value !== "string") throw wrongType(sink, "text", value);
}

/** @throws LayoutError for anything but a list */
export function takeList(sink: Sink, value: unknown): void {
  if (!Array.isArray(value)) throw wrongType(sink, "a list", value);
}

/** @throws LayoutError for anything but an object */
export function takeObject(sink: Sink, value: unknown): void {
  if (typeof value !== "object" || value === null) throw wrongType(sink, "an object", value);
}
