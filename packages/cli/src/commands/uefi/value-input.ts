/** Values of variables as they are typed. */

import { isVmgsError } from "vmgskit";
import {
  encodeDevicePath,
  holdsOptionNumber,
  optionalTextData,
  parseDevicePath,
  type ValueShape,
  type VariableKey,
  valueShape,
} from "vmgskit/uefi";
import type { OptionDeclaration } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { parseCount } from "../../terminal/index.ts";

/** The parts of a boot option. */
export const LOAD_OPTION_OPTIONS: readonly OptionDeclaration[] = [
  { flags: "--description <TEXT>", meaning: "description of a boot option" },
  {
    flags: "--path <PATH>",
    meaning: "device path of a boot option: PciRoot(0x0)/Pci(0x1,0x0)",
  },
  {
    flags: "--optional-data <TEXT>",
    meaning: "optional data of a boot option: text, stored in UCS-2 with a NUL; hex:BYTES; empty for none",
  },
];

const OPTION = "--value";

/**
 * The bytes of a typed value, by what the variable holds: a number, on or off, option numbers, text, a device path.
 *
 * @throws UsageError when the variable holds something that can't be typed, or the value does not fit
 */
export function parseValue(key: VariableKey, text: string): Uint8Array {
  const shape = valueShape(key);
  if (holdsOptionNumber(key)) return parseOption(text);
  const parser = shape === null ? undefined : parsers[shape];
  if (parser !== undefined) return parser(text);
  const what = JSON.stringify(key.name);
  throw new UsageError(
    shape === null ? `it is not known what ${what} holds` : `the value of ${what} can't be typed`,
    "give its bytes with --hex, or as a file or on standard input",
  );
}

const parsers: Partial<Record<ValueShape, (text: string) => Uint8Array>> = {
  flag: (text) => Uint8Array.of(parseFlag(text)),
  u8: (text) => number(text, 1),
  u16: (text) => number(text, 2),
  u32: (text) => number(text, 4),
  osIndications: (text) => number(text, 8),
  optionNumbers: parseOrder,
  ascii: (text) => {
    const bytes = Buffer.from(text, "utf8");
    if (bytes.length === text.length && !bytes.includes(0)) return terminated(bytes, 1);
    throw new UsageError(`${OPTION}: the variable holds ASCII text`);
  },
  ucs2: (text) => terminated(Buffer.from(text, "utf16le"), 2),
  devicePath: (text) => encodePath(text, OPTION),
};

const FLAGS = new Map([
  ["on", 1],
  ["true", 1],
  ["1", 1],
  ["off", 0],
  ["false", 0],
  ["0", 0],
]);

function parseFlag(text: string): number {
  const value = FLAGS.get(text.toLowerCase());
  if (value === undefined) throw new UsageError(`${OPTION}: ${JSON.stringify(text)} is neither on nor off`);
  return value;
}

function number(text: string, size: 1 | 2 | 4 | 8): Uint8Array {
  const value = parseCount(text, OPTION);
  if (value >= 2 ** (8 * size)) throw new UsageError(`${OPTION}: ${text} does not fit ${8 * size} bits`);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.subarray(0, size);
}

/** `000A` and `Boot000A` as in an order, 0xA, or one digit; `10` could be meant as Boot000A or as Boot0010. */
function parseOption(text: string): Uint8Array {
  if (/^(Boot)?[0-9a-f]{4}$/i.test(text)) return parseOrder(text);
  if (/^(\d|0x[0-9a-f]+)$/i.test(text)) return number(text, 2);
  throw new UsageError(
    `${OPTION}: ${JSON.stringify(text)} is not the number of a boot option`,
    "write four hex digits, as in Boot000A: 000A",
  );
}

/** `0001,000A`: hexadecimal, as the numbers of Boot#### are written. */
function parseOrder(text: string): Uint8Array {
  const numbers = text.split(",").map((part) => part.trim().replace(/^(Boot|Driver|SysPrep)(?=.{4}$)/i, ""));
  if (!numbers.every((part) => /^[0-9a-f]{4}$/i.test(part))) {
    throw new UsageError(`${OPTION}: an order is numbers of four hex digits: 0001,000A`);
  }
  return Buffer.from(numbers.map((part) => part.slice(2) + part.slice(0, 2)).join(""), "hex");
}

const terminated = (text: Uint8Array, size: 1 | 2) => Buffer.concat([text, Buffer.alloc(size)]);

/**
 * The bytes of a device path in text.
 *
 * @throws UsageError
 */
function encodePath(text: string, option: string): Uint8Array {
  return encodeDevicePath(parsePath(text, option));
}

/** @throws UsageError when the text is not a device path. */
export function parsePath(text: string, option: string): ReturnType<typeof parseDevicePath> {
  try {
    return parseDevicePath(text);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_UEFI_DEVICE_PATH_TEXT")) throw error;
    throw new UsageError(`${option}: ${error.message}`, error.hint);
  }
}

/**
 * Bytes in hex; spaces and colons may stand between them.
 *
 * @throws UsageError
 */
export function parseHex(text: string): Uint8Array {
  const digits = text.replaceAll(/[\s:]/g, "").replace(/^0x/i, "");
  if (/^([0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, "hex");
  throw new UsageError("--hex takes an even number of hex digits");
}

/** Text, or bytes after `hex:`. */
export function parseOptionalData(text: string): Uint8Array {
  if (text.startsWith("hex:")) return parseHex(text.slice("hex:".length));
  return text === "" ? new Uint8Array(0) : optionalTextData(text);
}
