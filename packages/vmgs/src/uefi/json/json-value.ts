/** Reading parsed JSON with errors that name the place. */

import { VmgsError } from "../../errors/index.ts";
import { fromHex } from "../../layout/index.ts";
import { MAX_DATA_BYTES, MAX_NAME_BYTES, nameSize } from "../variables/index.ts";
import { fromBase64 } from "./base64.ts";

/** A value and where it stands: `variables[3].vendor`. */
export interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** The error for JSON that does not hold what it should. */
export function jsonError(path: string, message: string, options?: ErrorOptions): VmgsError {
  return new VmgsError("VMGS_UEFI_JSON", `${path === "" ? "the document" : path} ${message}`, {}, options);
}

/** The decoder keeps a byte order mark, which the reference refuses. */
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Parses text, or bytes in UTF-8.
 *
 * @throws VmgsError VMGS_UEFI_JSON when it is not JSON, or begins with a byte order mark.
 */
export function parseJson(source: Uint8Array | string): Place {
  try {
    return { value: JSON.parse(typeof source === "string" ? source : strictUtf8.decode(source)), path: "" };
  } catch (cause) {
    if (hasByteOrderMark(source)) throw jsonError("", "begins with a byte order mark, which JSON must not");
    // The parser's message quotes the input, which is untrusted; only the cause keeps it.
    throw jsonError("", "is not JSON in UTF-8", { cause });
  }
}

/** True when a document begins with a byte order mark (U+FEFF), which some editors put there. */
export function hasByteOrderMark(source: Uint8Array | string): boolean {
  if (typeof source === "string") return source.startsWith(BYTE_ORDER_MARK);
  return source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf;
}

/** A member of an object, or undefined when it is missing or null. */
export function optionalMember(object: Place, name: string): Place | undefined {
  const members = asObject(object);
  if (!Object.hasOwn(members, name) || members[name] === null) return undefined;
  return { value: members[name], path: memberPath(object.path, name) };
}

/** True when the member is there, and null. */
export function isNull(object: Place, name: string): boolean {
  const members = asObject(object);
  return Object.hasOwn(members, name) && members[name] === null;
}

/** A member that must be there. */
export function member(object: Place, name: string): Place {
  const found = optionalMember(object, name);
  if (found === undefined) throw jsonError(memberPath(object.path, name), "is missing");
  return found;
}

/** The members of an object, in their order. */
export function members(object: Place): (Place & { readonly name: string })[] {
  return Object.entries(asObject(object)).map(([name, value]) => ({
    name,
    value,
    path: memberPath(object.path, name),
  }));
}

/** The elements of a list. */
export function elements(list: Place): Place[] {
  if (!Array.isArray(list.value)) throw jsonError(list.path, "is not a list");
  return list.value.map((value: unknown, index) => ({ value, path: `${list.path}[${index}]` }));
}

function asObject({ value, path }: Place): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw jsonError(path, "is not an object");
}

function memberPath(path: string, name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

export function asText({ value, path }: Place): string {
  if (typeof value === "string") return value;
  throw jsonError(path, "is not text");
}

/** A whole number from 0 to `max`. */
export function asNumber({ value, path }: Place, max: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return value as number;
  throw jsonError(path, `is not a whole number from 0 to ${max}`);
}

/** One of the given texts. */
export function asOneOf<T extends string>(place: Place, choices: readonly T[]): T {
  const text = asText(place);
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw jsonError(place.path, `is not one of ${choices.join(", ")}`);
  return found;
}

/** Bytes in hex. */
export function asHex(place: Place): Uint8Array {
  const bytes = fromHex(asText(place));
  if (bytes === undefined) throw jsonError(place.path, "is not an even number of hex digits");
  return bytes;
}

/** The data of a variable in hex. */
export function asData(place: Place): Uint8Array {
  const data = asHex(place);
  if (data.length <= MAX_DATA_BYTES) return data;
  throw jsonError(place.path, `has more than ${MAX_DATA_BYTES} bytes`);
}

/** The name of a variable. */
export function asName(place: Place): string {
  const name = asText(place);
  return checkedName(name, place.path);
}

/** @throws VmgsError VMGS_UEFI_JSON when it can't be the name of a variable */
export function checkedName(name: string, path: string): string {
  if (!name.includes("\0") && nameSize(name) <= MAX_NAME_BYTES) return name;
  throw jsonError(path, `has a name with a NUL, or of more than ${MAX_NAME_BYTES} bytes`);
}

/** Bytes in base64. */
export function asBase64(place: Place): Uint8Array {
  const bytes = fromBase64(asText(place));
  if (bytes === undefined) throw jsonError(place.path, "is not base64");
  return bytes;
}

/** A GUID in lower case; braces around it are taken away. */
export function asGuid(place: Place): string {
  const text = asText(place).toLowerCase();
  const bare = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(bare)) return bare;
  throw jsonError(place.path, "is not a GUID");
}
