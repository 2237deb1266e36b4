/** How the fields of a device path node stand between the parentheses of its text (UEFI 2.10, section 10.6.1.4). */

import { VmgsError } from "../../errors/index.ts";
import { fromHex, hexNumber, toHex } from "../../layout/index.ts";

/** One argument, both ways. */
export interface Argument<T> {
  format(value: T): string;
  /** @throws VmgsError VMGS_UEFI_DEVICE_PATH_TEXT */
  parse(text: string): T;
  /** The value when the argument is not there. Without it the argument is required. */
  readonly missing?: T;
  /** True when the argument may be omitted at the end. */
  omit?(value: T): boolean;
}

/** The text of a node, both ways. */
export interface NodeText<V> {
  /** What may stand before the parenthesis, compared without regard to case. */
  readonly names: readonly string[];
  /** The text of a node, as UEFI 2.10 writes it. */
  format(value: V): string;
  /**
   * @param name the one of `names` that was found
   * @param inside what stands between the parentheses
   * @throws VmgsError VMGS_UEFI_DEVICE_PATH_TEXT
   */
  parse(name: string, inside: string): V;
}

/** The error for text that is not a device path. */
export function textError(message: string, options?: ErrorOptions): VmgsError {
  return new VmgsError("VMGS_UEFI_DEVICE_PATH_TEXT", `device path text: ${message}`, {}, options);
}

/** `Name(first,second)`: every field is an argument, in the order of the declaration. */
export function call<V extends object>(
  name: string,
  declared: { readonly [K in keyof V]: Argument<V[K]> },
): NodeText<V> {
  const fields = Object.entries(declared) as [keyof V & string, Argument<unknown>][];
  return {
    names: [name],
    format: (value) => {
      let shown = fields.length;
      while (shown > 0 && isOmitted(fields[shown - 1], value)) shown--;
      return `${name}(${fields
        .slice(0, shown)
        .map(([key, argument]) => argument.format(value[key]))
        .join(",")})`;
    },
    parse: (_, inside) => {
      const given = inside === "" ? [] : inside.split(",");
      if (given.length > fields.length) throw textError(`${name} has at most ${fields.length} arguments`);
      const values = fields.map(([key, argument], index) => [
        key,
        parseArgument(name, argument, given[index]),
      ]);
      return Object.fromEntries(values) as V;
    },
  };
}

function isOmitted<V>(field: [keyof V, Argument<unknown>] | undefined, value: V): boolean {
  return field?.[1].omit?.(value[field[0]]) ?? false;
}

/** @throws VmgsError VMGS_UEFI_DEVICE_PATH_TEXT when the argument is missing and required, or is not what it should be. */
export function parseArgument<T>(name: string, argument: Argument<T>, text: string | undefined): T {
  const given = text?.trim() ?? "";
  if (given !== "") return argument.parse(given);
  if (argument.missing === undefined) throw textError(`${name} lacks an argument`);
  return argument.missing;
}

/** `0x` and upper-case digits, as firmware prints numbers. */
export function upperHexNumber(value: number | bigint, digits = 1): string {
  return `0x${hexNumber(value, digits).slice(2).toUpperCase()}`;
}

/** Upper-case hex without separators. */
export function upperHex(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}

function parseInteger(text: string): bigint {
  if (/^(\d+|0x[0-9a-f]+)$/i.test(text) && text.length <= 20) return BigInt(text);
  throw textError("a number is decimal, or hexadecimal with 0x");
}

/** A number of up to 32 bits, written in hexadecimal. */
export const integer: Argument<number> = {
  format: (value) => upperHexNumber(value),
  parse: (text) => Number(parseInteger(text)),
};

/** A number of up to 32 bits, written in decimal. */
export const decimal: Argument<number> = { format: String, parse: integer.parse };

/** A number of 64 bits, written in hexadecimal. */
export const integer64: Argument<bigint> = { format: (value) => upperHexNumber(value), parse: parseInteger };

/** A number with a value for when it is not there. */
export function optional<T>(argument: Argument<T>, missing: T): Argument<T> {
  return { ...argument, missing };
}

/** A GUID, written in upper case. */
export const guidText: Argument<string> = {
  format: (value) => value.toUpperCase(),
  parse: (text) => {
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
    throw textError("a GUID has 32 hex digits in five groups");
  },
};

/** Bytes in hex, with or without `0x`; omitted when there are none. */
export const hexDump: Argument<Uint8Array> = {
  format: upperHex,
  parse: (text) => {
    const bytes = fromHex(text.replace(/^0x/i, ""));
    if (bytes === undefined) throw textError("a hex dump has an even number of hex digits");
    return bytes;
  },
  missing: new Uint8Array(0),
  omit: (value) => value.length === 0,
};

/** Bytes in hex after `0x`, byte 0 first. */
export const hexArray: Argument<Uint8Array> = {
  format: (value) => `0x${upperHex(value)}`,
  parse: hexDump.parse,
};

/** A number that has names; others are written in hexadecimal. */
export function keyword(names: Readonly<Record<string, number>>, missing?: number): Argument<number> {
  const entries = Object.entries(names);
  return {
    format: (value) => entries.find(([, number]) => number === value)?.[0] ?? integer.format(value),
    parse: (text) => {
      const named = entries.find(([name]) => name.toLowerCase() === text.toLowerCase());
      return named?.[1] ?? integer.parse(text);
    },
    ...(missing === undefined ? {} : { missing }),
  };
}

/** Adds fields that have no place in text: they are not shown, and get these values when text is read. */
export function withConstants<V, C extends Partial<V>>(
  text: NodeText<Omit<V, keyof C>>,
  constants: C,
): NodeText<V> {
  return {
    names: text.names,
    format: (value) => text.format(value),
    parse: (name, inside) => ({ ...constants, ...text.parse(name, inside) }) as unknown as V,
  };
}
