/** UEFI variables as text, in the form that people know: what can't be read is shown raw and named. */

import { toHex } from "vmgskit/format";
import {
  devicePathText,
  formatEfiTime,
  type LoadOption,
  readSignatureLists,
  type SignatureList,
  secureBootDatabases,
  type Variable,
  type VariableList,
  variableValue,
} from "vmgskit/uefi";
import { escapeText } from "../terminal/index.ts";
import { byVendorAndName } from "./nvram.ts";

/** A variable as it is shown. */
export interface VariableText {
  readonly variable: Variable;
  /** Lines below the name, safe for a terminal. */
  readonly lines: readonly string[];
  /** What could not be read, or null. */
  readonly error: string | null;
}

/** Bytes of data and of a signature that are left when they are shortened. */
const SHORT_DATA = 36;
const SHORT_SIGNATURE = 3;

/** All variables by vendor and name. */
export function describeVariables({ variables }: VariableList, truncate: boolean): VariableText[] {
  return byVendorAndName(variables).map((variable) => describeVariable(variable, truncate));
}

/** The text of one variable, and an empty line. */
export function variableText({ variable, lines, error }: VariableText): string {
  const { vendor, name, attributes, data, timestamp } = variable;
  const all = [
    `Vendor: "${vendor}"`,
    `Name: "${escapeText(name)}"`,
    `Attributes: 0x${attributes.toString(16)}`,
    `Size: 0x${data.length.toString(16)}`,
    `Timestamp: ${formatEfiTime(timestamp)}`,
    ...lines,
    ...(error === null ? [] : [`error: ${escapeText(error)}`]),
  ];
  return `${all.join("\n")}\n\n`;
}

function describeVariable(variable: Variable, truncate: boolean): VariableText {
  const raw = (error: string | null): VariableText => {
    return { variable, lines: [`data: ${shown(variable.data, truncate, SHORT_DATA)}`], error };
  };
  const value = variableValue(variable);
  switch (value.kind) {
    case "optionNumbers":
      return { variable, lines: [`${orderLabel(variable.name)}: ${value.numbers.join(" ")}`], error: null };
    case "loadOption":
      return { variable, lines: loadOptionLines(value.option, truncate), error: pathError(value.option) };
    case "signatureLists":
      return { variable, lines: signatureLines(value.lists, truncate), error: null };
    case "raw":
      return raw(value.error?.message ?? misnamedDatabase(variable));
    default:
      return raw(null);
  }
}

/** `BootOrder` as `Boot Order`. */
const orderLabel = (name: string) => name.replace(/Order$/, " Order");

function loadOptionLines(option: LoadOption, truncate: boolean): string[] {
  const { attributes, description, paths, unreadPaths, optionalData } = option;
  const bytes = (data: Uint8Array) => shown(data, truncate, SHORT_DATA);
  return [
    `Load Option: attributes: ${attributes.toString(16)}, description: ${escapeText(description)}`,
    ...paths
      .map(devicePathText)
      .filter(Boolean)
      .map((text) => `  - ${escapeText(text)}`),
    ...(unreadPaths.length === 0 ? [] : [`  - unread: ${bytes(unreadPaths)}`]),
    ...(optionalData.length === 0 ? [] : [`  - opt: ${bytes(optionalData)}`]),
  ];
}

function pathError({ pathProblem }: LoadOption): string | null {
  return pathProblem === null ? null : `a device path can't be read: ${pathProblem.message}`;
}

function signatureLines(lists: readonly SignatureList[], truncate: boolean): string[] {
  const lines = lists.flatMap(({ type, typeName, signatures }) =>
    signatures.map(({ owner, data }) => {
      const content = shown(data, truncate, SHORT_SIGNATURE);
      return `  - [${typeName ?? type}] Signature Owner: ${owner} Data: ${content}`;
    }),
  );
  return ["Signature Lists:", ...lines];
}

function shown(data: Uint8Array, truncate: boolean, short: number): string {
  return truncate && data.length > short ? `${toHex(data.subarray(0, short))}...` : toHex(data);
}

/**
 * The reference takes a variable for a signature database by its name alone, whatever the vendor is, and fails when it is
 * not one. It is named here, so that the exit code stays what scripts know.
 */
function misnamedDatabase({ name, data }: Variable): string | null {
  if (!DATABASE_NAMES.has(name)) return null;
  const { problem } = readSignatureLists(data);
  return problem === null ? null : `named like a signature database, but is not one: ${problem.message}`;
}

const DATABASE_NAMES: ReadonlySet<string> = new Set(secureBootDatabases);
