/**
 * JSON as text with places. Nothing is converted on the way, so that numbers beyond 2^53, members that stand twice and
 * unknown ones are still there when a part of the text is replaced (docs/decisions/0017-version-1-json.md).
 */

import { VmgsError } from "../errors/index.ts";

/** Nesting beyond which JSON is refused. */
export const MAX_JSON_DEPTH = 64;

/** Where a value stands: UTF-16 units from the start of the text. */
export interface JsonPlace {
  readonly start: number;
  /** The unit after its last one. */
  readonly end: number;
}

/** A member of an object. */
export interface JsonMember {
  /** Name, unescaped. Untrusted. */
  readonly name: string;
  /** From the opening quote of the name on. */
  readonly start: number;
  readonly value: JsonPlace;
}

/** What a value is, by its first unit. */
export type JsonKind = "object" | "array" | "string" | "number" | "literal";

/**
 * Checks that the text is one JSON value (RFC 8259) and gives its place.
 *
 * @throws VmgsError VMGS_V1_JSON, with the place in bytes of UTF-16
 */
export function checkJson(text: string): JsonPlace {
  const start = skipSpace(text, 0);
  const end = endOfValue(text, start, 1);
  const rest = skipSpace(text, end);
  if (rest < text.length) throw jsonFault(rest, "something follows the JSON value");
  return { start, end };
}

/** What the value at a place is. */
export function jsonKind(text: string, { start }: JsonPlace): JsonKind {
  const unit = text[start];
  if (unit === "{") return "object";
  if (unit === "[") return "array";
  if (unit === '"') return "string";
  return unit === "-" || isDigit(text.charCodeAt(start)) ? "number" : "literal";
}

/**
 * The members of an object in their order, those that stand twice included; none of another value.
 *
 * @internal
 */
export function* jsonMembers(text: string, place: JsonPlace): Generator<JsonMember, void, undefined> {
  if (jsonKind(text, place) !== "object") return;
  let at = skipSpace(text, place.start + 1);
  while (text[at] !== "}") {
    const nameEnd = endOfString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start, 1);
    yield { name, start: at, value: { start, end } };
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
}

/** The member that counts: the last of that name. */
export function jsonMember(text: string, place: JsonPlace | undefined, name: string): JsonPlace | undefined {
  let found: JsonPlace | undefined;
  if (place === undefined) return undefined;
  for (const member of jsonMembers(text, place)) if (member.name === name) found = member.value;
  return found;
}

/** The text of a string, unescaped; undefined for another value. Untrusted. */
export function jsonText(text: string, place: JsonPlace | undefined): string | undefined {
  if (place === undefined || jsonKind(text, place) !== "string") return undefined;
  return JSON.parse(text.slice(place.start, place.end)) as string;
}

function jsonFault(at: number, what: string): VmgsError {
  return new VmgsError("VMGS_V1_JSON", `the data is not JSON: ${what}, at byte ${2 * at}`, {
    offset: 2 * at,
  });
}

function skipSpace(text: string, at: number): number {
  let next = at;
  for (;;) {
    const unit = text.charCodeAt(next);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return next;
    next++;
  }
}

const isDigit = (unit: number) => unit >= 0x30 && unit <= 0x39;

function endOfValue(text: string, at: number, depth: number): number {
  if (depth > MAX_JSON_DEPTH) throw jsonFault(at, `more than ${MAX_JSON_DEPTH} levels`);
  const unit = text[at];
  if (unit === undefined) throw jsonFault(at, "it ends too early");
  if (unit === '"') return endOfString(text, at);
  if (unit === "{") return endOfObject(text, at, depth);
  if (unit === "[") return endOfArray(text, at, depth);
  if (unit === "-" || isDigit(text.charCodeAt(at))) return endOfNumber(text, at);
  const word = ["true", "false", "null"].find((literal) => text.startsWith(literal, at));
  if (word === undefined) throw jsonFault(at, "no value begins so");
  return at + word.length;
}

function endOfObject(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') throw jsonFault(at, "the name of a member is missing");
    at = skipSpace(text, endOfString(text, at));
    if (text[at] !== ":") throw jsonFault(at, "a colon is missing");
    at = skipSpace(text, endOfValue(text, skipSpace(text, at + 1), depth + 1));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw jsonFault(at, "an object is not closed");
    at = skipSpace(text, at + 1);
  }
}

function endOfArray(text: string, start: number, depth: number): number {
  let at = skipSpace(text, start + 1);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = skipSpace(text, endOfValue(text, at, depth + 1));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw jsonFault(at, "a list is not closed");
    at = skipSpace(text, at + 1);
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    if (unit < 0x20) throw jsonFault(at, "a control character in a string");
    if (unit !== 0x5c) continue;
    const escaped = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6));
    if (escaped === null) throw jsonFault(at, "an unknown escape");
    at += escaped[0].length;
  }
  throw jsonFault(start, "a string is not closed");
}

function endOfNumber(text: string, start: number): number {
  let at = text[start] === "-" ? start + 1 : start;
  const digits = (): void => {
    const first = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === first) throw jsonFault(at, "a digit is missing");
  };
  if (text[at] === "0") at++;
  else digits();
  if (text[at] === ".") {
    at++;
    digits();
  }
  if (text[at] === "e" || text[at] === "E") {
    at++;
    if (text[at] === "+" || text[at] === "-") at++;
    digits();
  }
  return at;
}
