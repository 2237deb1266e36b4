/** One variable, and how it lies in the packed list of BIOS_NVRAM (spec: uefi-nvram, section 1). */

import {
  type Check,
  checkObject,
  checkText,
  checkWhole,
  having,
  withMembers,
} from "../../arguments/index.ts";
import {
  amount,
  bytesOf,
  constant,
  decode,
  encode,
  field,
  guid,
  hexNumber,
  type Picture,
  picture,
  rest,
  struct,
  u16,
  u32,
  ucs2z,
} from "../../layout/index.ts";
import { variableAttributes } from "./attributes.ts";
import { type EfiTime, efiTime, formatEfiTime, isZeroEfiTime, zeroEfiTime } from "./efi-time.ts";

/** Value of `headerType` of a variable. */
export const HEADER_TYPE_VARIABLE = 0;

/** The 48 bytes before name and data. */
export const variableHeader = struct("variableHeader", {
  headerType: field(u32, "0 = variable", constant(HEADER_TYPE_VARIABLE, hexNumber)),
  length: field(u32, "bytes of the whole entry, this header included"),
  attributes: field(u32, "attributes", { bits: variableAttributes }),
  timestamp: field(efiTime, "time of a time-based authenticated variable"),
  vendor: field(guid, "vendor GUID"),
  nameLength: field(u16, "bytes of the name, its NUL included"),
  dataLength: field(u16, "bytes of the data"),
});

/** Bytes of `variableHeader`. */
export const VARIABLE_HEADER_SIZE = 48;

/** What names a variable. Both parts are compared exactly. */
export interface VariableKey {
  /** Vendor GUID in lower case. */
  readonly vendor: string;
  /** Name without its NUL. Untrusted: may hold control characters and unpaired surrogates. */
  readonly name: string;
}

export const checkVariableKey: Check = withMembers({ vendor: checkText, name: checkText });

/** A variable as it is stored. */
export interface Variable extends VariableKey {
  /** Bits of `variableAttributes`; unknown ones are kept. */
  readonly attributes: number;
  /** Only meaningful for time-based authenticated variables, but kept for all. */
  readonly timestamp: EfiTime;
  /** Do not change the bytes. */
  readonly data: Uint8Array;
  /** Bytes of the name field after the NUL; nearly always none. */
  readonly namePadding: Uint8Array;
}

export const checkVariable: Check = having(
  "vendor",
  "name",
  "attributes",
  "timestamp",
  "data",
  "namePadding",
);

/** The name field: the text up to the first NUL, and what follows it. */
export const nameField = struct("nameField", {
  name: field(ucs2z, "name"),
  namePadding: field(rest, "bytes after the NUL"),
});

/** A whole entry. */
export const variableEntry = struct("variable", {
  ...variableHeader.fields,
  name: field(bytesOf(amount({ nameLength: 1 })), "name, UCS-2 LE"),
  data: field(bytesOf(amount({ dataLength: 1 })), "data"),
});

/**
 * Reads the entry that begins at `offset`. Its lengths must have been checked.
 *
 * @throws LayoutError when the name has no NUL.
 */
export function decodeEntry(list: Uint8Array, offset: number): Variable {
  const entry = decode(variableEntry, list, offset);
  const { name, namePadding } = decode(nameField, entry.name);
  const { vendor, attributes, data } = entry;
  const timestamp = isZeroEfiTime(entry.timestamp) ? zeroEfiTime : entry.timestamp;
  return { vendor, name, attributes, timestamp, data, namePadding };
}

/** The bytes of an entry. What was read is written back byte for byte. */
export function encodeEntry(variable: Variable): Uint8Array<ArrayBuffer> {
  const name = encode(nameField, variable);
  const { vendor, attributes, timestamp, data } = variable;
  return encode(variableEntry, {
    headerType: HEADER_TYPE_VARIABLE,
    length: VARIABLE_HEADER_SIZE + name.length + data.length,
    attributes,
    timestamp,
    vendor,
    nameLength: name.length,
    dataLength: data.length,
    name,
    data,
  });
}

/** Bytes of the entry of a variable. */
export function entrySize(variable: Pick<Variable, "name" | "data" | "namePadding">): number {
  checkObject(variable, "variable", "data", "name", "namePadding");
  return VARIABLE_HEADER_SIZE + nameSize(variable.name) + variable.namePadding.length + variable.data.length;
}

/** Bytes of a name in UCS-2, its NUL included. */
export function nameSize(name: string): number {
  checkText(name, "name");
  return 2 * (name.length + 1);
}

/** Every field of an entry with its offset, for a hexdump. `base` is the offset of the entry in the list. */
export function entryPicture(variable: Variable, base = 0): Picture {
  checkVariable(variable, "variable");
  checkWhole(base, "base");
  const entry = encodeEntry(variable);
  return picture(variableEntry, entry, base);
}

/** A text that is the same for the same variable only: for maps and sets. */
export function keyText(key: VariableKey): string {
  checkVariableKey(key, "key");
  return `${key.vendor} ${key.name}`;
}

/** True when both name the same variable. */
export function isSameKey(a: VariableKey, b: VariableKey): boolean {
  checkVariableKey(a, "a");
  checkVariableKey(b, "b");
  return a.name === b.name && a.vendor === b.vendor;
}

/** The time of a time-based authenticated variable as text; null for others and when it is all zero. */
export function variableTime(variable: Variable): string | null {
  checkVariable(variable, "variable");
  const timeBased = variableAttributes.has(variable.attributes, "TIME_BASED_AUTHENTICATED_WRITE_ACCESS");
  return timeBased && !isZeroEfiTime(variable.timestamp) ? formatEfiTime(variable.timestamp) : null;
}
