/** The data of a variable as a value, by what its vendor and name say (spec: uefi-nvram, section 2). */

import { checkBytes, checkObject } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { type Codec, guid, LayoutError, Source, u8, u16, u32, u64, untilEnd } from "../../layout/index.ts";
import { type DevicePath, readDevicePath } from "../device-path/index.ts";
import { readSignatureLists, type SignatureList } from "../signatures/index.ts";
import type { Variable } from "../variables/index.ts";
import { type ValueShape, valueShape } from "./known-variables.ts";
import { decodeLoadOption, type LoadOption } from "./load-option.ts";

/** What a variable holds. Text is untrusted. */
export type VariableValue =
  | { readonly kind: "optionNumbers"; readonly numbers: readonly number[] }
  | { readonly kind: "loadOption"; readonly option: LoadOption }
  | { readonly kind: "devicePath"; readonly path: DevicePath }
  | { readonly kind: "signatureLists"; readonly lists: readonly SignatureList[] }
  | { readonly kind: "flag"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number; readonly bytes: 1 | 2 | 4 }
  | {
      readonly kind: "osIndications";
      readonly value: bigint;
      /** Names of the bits that are set. */
      readonly names: readonly OsIndication[];
      /** Bits without a name. */
      readonly unknown: bigint;
    }
  | { readonly kind: "guids"; readonly guids: readonly string[] }
  | { readonly kind: "text"; readonly text: string }
  /** Nothing is known of the variable, or its data does not match its name: then `error` says why. */
  | { readonly kind: "raw"; readonly data: Uint8Array; readonly error: VmgsError | null };

/** Bits of OsIndications and OsIndicationsSupported (UEFI 2.10, section 8.5.4). */
export const osIndicationBits = {
  BOOT_TO_FW_UI: 0,
  TIMESTAMP_REVOCATION: 1,
  FILE_CAPSULE_DELIVERY_SUPPORTED: 2,
  FMP_CAPSULE_SUPPORTED: 3,
  CAPSULE_RESULT_VAR_SUPPORTED: 4,
  START_OS_RECOVERY: 5,
  START_PLATFORM_RECOVERY: 6,
  JSON_CONFIG_DATA_REFRESH: 7,
} as const;
/** Name of a bit of OsIndications and OsIndicationsSupported (UEFI 2.10, section 8.5.4). */
export type OsIndication = keyof typeof osIndicationBits;

/** The value of a variable. Never throws for bad data: it is then raw, with the error. */
export function variableValue(variable: Pick<Variable, "vendor" | "name" | "data">): VariableValue {
  checkObject(variable, "variable", "data", "vendor", "name");
  const shape = valueShape(variable);
  if (shape === null) return { kind: "raw", data: variable.data, error: null };
  try {
    return decoders[shape](variable.data);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    const message = `the data is not ${shapeWords[shape]}: ${cause.message}`;
    const error = new VmgsError("VMGS_UEFI_VALUE", message, cause.facts, { cause });
    return { kind: "raw", data: variable.data, error };
  }
}

const shapeWords: Readonly<Record<ValueShape, string>> = {
  optionNumbers: "a list of option numbers",
  loadOption: "a load option",
  devicePath: "a device path",
  signatureLists: "a signature database",
  flag: "a flag",
  u8: "an 8-bit number",
  u16: "a 16-bit number",
  u32: "a 32-bit number",
  osIndications: "a 64-bit number",
  guids: "a list of GUIDs",
  ascii: "ASCII text",
  ucs2: "UCS-2 text",
};

/**
 * Numbers of load options: what BootOrder, DriverOrder and SysPrepOrder hold.
 *
 * @throws LayoutError when the length is odd.
 */
export function decodeOptionNumbers(data: Uint8Array): readonly number[] {
  checkBytes(data, "data");
  return whole(optionNumbers, data);
}

/** Codec of what BootOrder, DriverOrder and SysPrepOrder hold. */
export const optionNumbers: Codec<readonly number[]> = untilEnd(u16);

/** Reads a value that takes all of the data. */
function whole<T>(codec: Codec<T>, data: Uint8Array): T {
  const source = new Source(data);
  const value = codec.decode(source);
  if (source.left > 0) throw new LayoutError(`${source.left} bytes are left over`, source.offset);
  return value;
}

type Decoders = Readonly<Record<ValueShape, (data: Uint8Array) => VariableValue>>;

const decoders: Decoders = {
  optionNumbers: (data) => ({ kind: "optionNumbers", numbers: decodeOptionNumbers(data) }),
  loadOption: (data) => ({ kind: "loadOption", option: decodeLoadOption(data) }),
  devicePath: (data) => {
    const { path, end } = readDevicePath(data);
    if (end < data.length) throw new LayoutError(`${data.length - end} bytes are left over`, end);
    return { kind: "devicePath", path };
  },
  signatureLists: (data) => {
    const { lists, problem } = readSignatureLists(data);
    if (problem !== null) throw problem;
    return { kind: "signatureLists", lists };
  },
  flag: (data) => {
    const value = whole(u8, data);
    return value > 1 ? { kind: "number", value, bytes: 1 } : { kind: "flag", value: value === 1 };
  },
  u8: (data) => ({ kind: "number", value: whole(u8, data), bytes: 1 }),
  u16: (data) => ({ kind: "number", value: whole(u16, data), bytes: 2 }),
  u32: (data) => ({ kind: "number", value: whole(u32, data), bytes: 4 }),
  osIndications: (data) => describeOsIndications(whole(u64, data)),
  guids: (data) => ({ kind: "guids", guids: whole(untilEnd(guid), data) }),
  ascii: (data) => ({ kind: "text", text: decodeAscii(data) }),
  ucs2: (data) => ({ kind: "text", text: decodeUcs2(data) }),
};

function describeOsIndications(value: bigint): VariableValue {
  const bits = Object.entries(osIndicationBits) as [OsIndication, number][];
  const set = bits.filter(([, bit]) => (value >> BigInt(bit)) & 1n);
  const unknown = value & ~bits.reduce((known, [, bit]) => known | (1n << BigInt(bit)), 0n);
  return { kind: "osIndications", value, names: set.map(([name]) => name), unknown };
}

function decodeAscii(data: Uint8Array): string {
  const end = data.indexOf(0);
  const used = end < 0 ? data : data.subarray(0, end);
  const beyond = used.findIndex((byte) => byte > 0x7f);
  if (beyond >= 0) throw new LayoutError("a byte is not ASCII", beyond);
  if (end >= 0 && end < data.length - 1) throw new LayoutError("bytes are left over after the NUL", end);
  return Array.from(used, (byte) => String.fromCharCode(byte)).join("");
}

function decodeUcs2(data: Uint8Array): string {
  const units = whole(untilEnd(u16), data);
  const end = units.indexOf(0);
  if (end >= 0 && end < units.length - 1) throw new LayoutError("bytes are left over after the NUL", 2 * end);
  const used = end < 0 ? units : units.slice(0, end);
  return used.map((unit) => String.fromCharCode(unit)).join("");
}
