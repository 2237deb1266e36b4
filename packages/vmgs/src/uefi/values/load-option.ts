/** Load options: what Boot####, Driver####, SysPrep#### and PlatformRecovery#### hold (UEFI 2.10, section 3.1.3). */

import {
  checkBytes,
  checkList,
  checkNumber,
  checkObject,
  checkText,
  optional,
  optionsOf,
  withMembers,
} from "../../arguments/index.ts";
import {
  amount,
  bits,
  bytesOf,
  decode,
  encode,
  field,
  type LayoutError,
  rest,
  Sink,
  struct,
  u16,
  u32,
  ucs2z,
  untilEnd,
} from "../../layout/index.ts";
import { checkDevicePath } from "../device-path/device-path.ts";
import { type DevicePath, encodeDevicePath, readDevicePaths } from "../device-path/index.ts";

/** Bits of `attributes`, but for the category. */
export const loadOptionAttributes = bits({ ACTIVE: 0, FORCE_RECONNECT: 1, HIDDEN: 3 });

/** Bits of `attributes` that hold the category: 0 boot, 1 application. */
export const LOAD_OPTION_CATEGORY = 0x1f00;

/** EFI_LOAD_OPTION. */
export const loadOptionStruct = struct("loadOption", {
  attributes: field(u32, "1 active, 2 force reconnect, 8 hidden, 0x1f00 category", {
    bits: loadOptionAttributes,
  }),
  filePathListLength: field(u16, "bytes of the device paths"),
  description: field(ucs2z, "description"),
  filePathList: field(bytesOf(amount({ filePathListLength: 1 })), "device paths"),
  optionalData: field(rest, "data for what is started"),
});

/** A load option. Its text is untrusted. */
export interface LoadOption {
  /** Bits of `loadOptionAttributes` and the category. */
  readonly attributes: number;
  readonly description: string;
  /** The first one is what is started; others are for the operating system. */
  readonly paths: readonly DevicePath[];
  /** Bytes of the path list that could not be read; nearly always none. */
  readonly unreadPaths: Uint8Array;
  /** Why they could not be read, or null. */
  readonly pathProblem: LayoutError | null;
  /** Data for what is started. */
  readonly optionalData: Uint8Array;
}

/**
 * Reads a load option. Bad device paths are reported in `pathProblem`.
 *
 * @throws LayoutError when the description has no NUL or the path list is longer than the data.
 */
export function decodeLoadOption(data: Uint8Array): LoadOption {
  checkBytes(data, "data");
  const { attributes, description, filePathList, optionalData } = decode(loadOptionStruct, data);
  const { paths, rest: unreadPaths, problem } = readDevicePaths(filePathList);
  return { attributes, description, paths, unreadPaths, pathProblem: problem, optionalData };
}

/** What makes a load option; the rest is empty when missing. */
export type NewLoadOption = Pick<LoadOption, "attributes" | "description" | "paths"> &
  Partial<Pick<LoadOption, "unreadPaths" | "optionalData">>;

const checkNewOption = withMembers({
  attributes: checkNumber,
  description: checkText,
  paths: checkList,
  unreadPaths: optional(checkBytes),
  optionalData: optional(checkBytes),
});

/**
 * The bytes of a load option. One that was read is written back byte for byte.
 *
 * @throws LayoutError when a path has more than 65535 bytes, or a value does not fit its field.
 */
export function encodeLoadOption(option: NewLoadOption): Uint8Array<ArrayBuffer> {
  checkNewOption(option, "option");
  const { attributes, description, paths, unreadPaths, optionalData } = option;
  const sink = new Sink(256);
  for (const path of paths) sink.append(encodeDevicePath(path));
  sink.append(unreadPaths ?? new Uint8Array(0));
  const filePathList = sink.finish();
  return encode(loadOptionStruct, {
    attributes,
    filePathListLength: filePathList.length,
    description,
    filePathList,
    optionalData: optionalData ?? new Uint8Array(0),
  });
}

/** What should be different about a load option; the rest stays. */
export interface LoadOptionChange {
  readonly description?: string;
  /** Takes the place of the first path, and of bytes after it that can't be read. */
  readonly path?: DevicePath;
  readonly optionalData?: Uint8Array;
}

const checkLoadOptionChange = optionsOf({
  description: checkText,
  path: checkDevicePath,
  optionalData: checkBytes,
});

/** The load option with some of its parts replaced. Further paths and optional data stay. */
export function changeLoadOption(option: LoadOption, change: LoadOptionChange): NewLoadOption {
  checkObject(option, "option", "attributes", "description", "paths", "optionalData");
  checkLoadOptionChange(change, "change");
  const { description = option.description, path, optionalData = option.optionalData } = change;
  const kept = { attributes: option.attributes, description, optionalData };
  if (path === undefined) return { ...kept, paths: option.paths, unreadPaths: option.unreadPaths };
  return { ...kept, paths: [path, ...option.paths.slice(1)] };
}

/**
 * Category of a load option (UEFI 2.10, section 3.1.3): firmware tries those of category `boot` in the boot order;
 * applications are started by choice only, and so are those of reserved categories, given by number.
 */
export type LoadOptionCategory = "boot" | "application" | number;

/** The category that the attributes say. */
export function loadOptionCategory(option: Pick<LoadOption, "attributes">): LoadOptionCategory {
  checkObject(option, "option", "attributes");
  const { attributes } = option;
  const category = (attributes & LOAD_OPTION_CATEGORY) >>> 8;
  return category === 0 ? "boot" : category === 1 ? "application" : category;
}

/** Optional data that is text. */
export interface OptionalText {
  /** Untrusted. */
  readonly text: string;
  /** `ascii`, one byte a character, or `ucs2`, two. */
  readonly encoding: "ascii" | "ucs2";
  /** False when the NUL at the end is missing: what is started may read on after it. */
  readonly terminated: boolean;
}

/** Optional data as text, or null where it is something else. */
export function optionalText(data: Uint8Array): OptionalText | null {
  checkBytes(data, "data");
  const isPrintable = (unit: number) => unit >= 0x20 && unit !== 0x7f;
  const bytesOfText = data.at(-1) === 0 ? data.subarray(0, -1) : data;
  if (bytesOfText.length > 0 && bytesOfText.every((byte) => isPrintable(byte) && byte < 0x7f)) {
    const terminated = bytesOfText.length < data.length;
    return { text: new TextDecoder().decode(bytesOfText), encoding: "ascii", terminated };
  }
  if (data.length === 0 || data.length % 2 !== 0) return null;
  const units = decode(untilEnd(u16), data);
  const terminated = units.at(-1) === 0;
  const used = terminated ? units.slice(0, -1) : units;
  const text = used.map((unit) => String.fromCharCode(unit)).join("");
  // Any two bytes are a character of UCS-2; arguments of boot loaders are mostly Latin.
  const latin = used.filter((unit) => unit < 0x250).length;
  const isText = used.length > 0 && used.every(isPrintable) && latin * 2 > used.length;
  return isText && !/\p{Surrogate}/u.test(text) ? { text, encoding: "ucs2", terminated } : null;
}

/** The bytes of text as optional data: UCS-2 with a NUL, as shells, shim and stubs of kernels read it. */
export function optionalTextData(text: string): Uint8Array<ArrayBuffer> {
  return encode(ucs2z, text);
}

/** True when firmware tries the option by itself. */
export function isActive(option: Pick<LoadOption, "attributes">): boolean {
  checkObject(option, "option", "attributes");
  return loadOptionAttributes.has(option.attributes, "ACTIVE");
}

/** True when firmware does not show the option in menus. */
export function isHidden(option: Pick<LoadOption, "attributes">): boolean {
  checkObject(option, "option", "attributes");
  return loadOptionAttributes.has(option.attributes, "HIDDEN");
}
