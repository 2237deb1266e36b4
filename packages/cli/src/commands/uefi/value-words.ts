/** Values of variables in words, safe for a terminal. */

import { clip } from "vmgskit/report";
import {
  type DevicePath,
  type DevicePathNode,
  devicePathText,
  isActive,
  isHidden,
  LOAD_OPTION_CATEGORY,
  type LoadOption,
  type LoadOptionCategory,
  loadOptionCategory,
  optionNumber,
  type SignatureList,
  type Variable,
  type VariableValue,
  variableAttributes,
  variableValue,
  vmbusDevice,
} from "vmgskit/uefi";
import { escapeText, formatCount } from "../../terminal/index.ts";

const SHORT_ATTRIBUTES: Readonly<Record<string, string>> = {
  NON_VOLATILE: "NV",
  BOOTSERVICE_ACCESS: "BS",
  RUNTIME_ACCESS: "RT",
  HARDWARE_ERROR_RECORD: "HR",
  AUTHENTICATED_WRITE_ACCESS: "AW",
  TIME_BASED_AUTHENTICATED_WRITE_ACCESS: "AT",
  APPEND_WRITE: "AP",
  ENHANCED_AUTHENTICATED_ACCESS: "EA",
};

/** `NV+BS+RT`, and bits without a name in hexadecimal. */
export function shortAttributes(attributes: number): string {
  const names = variableAttributes.names(attributes).map((name) => SHORT_ATTRIBUTES[name] ?? name);
  return names.length === 0 ? `0x${attributes.toString(16)}` : names.join("+");
}

/** More characters of a name or description than this are left out of tables. */
const MOST_IN_TABLE = 48;

/** Text from the file, safe and not endless, for a table. */
export const shortText = (text: string) => clip(escapeText(text), MOST_IN_TABLE);

/** The value in a few words, for a table. */
export function summarise(variable: Variable): string {
  const value = variableValue(variable);
  if (value.kind === "loadOption") return loadOptionSummary(value.option);
  if (value.kind === "raw" && value.error !== null) return `can't be read: ${hexWords(value.data)}`;
  return clip(valueWords(value), MOST_IN_TABLE * 2);
}

function loadOptionSummary(option: LoadOption): string {
  const marks = [...(isActive(option) ? [] : ["disabled"]), ...(isHidden(option) ? ["hidden"] : [])];
  return `${shortText(option.description)}${marks.length === 0 ? "" : ` (${marks.join(", ")})`}`;
}

/** A value in one line. */
export function valueWords(value: VariableValue): string {
  switch (value.kind) {
    case "optionNumbers":
      return value.numbers.map(optionNumber).join(", ") || "(empty)";
    case "loadOption":
      return escapeText(value.option.description);
    case "devicePath":
      return escapeText(devicePathText(value.path));
    case "signatureLists":
      return signatureWords(value.lists);
    case "flag":
      return value.value ? "1 (on)" : "0 (off)";
    case "number":
      return `${value.value} (0x${value.value.toString(16)})`;
    case "osIndications":
      return indicationWords(value);
    case "guids":
      return value.guids.join(", ") || "(empty)";
    case "text":
      return `"${escapeText(value.text)}"`;
    case "raw":
      return hexWords(value.data);
  }
}

function indicationWords({ value, names, unknown }: VariableValue & { kind: "osIndications" }): string {
  const words = [...names, ...(unknown === 0n ? [] : [`0x${unknown.toString(16)}`])];
  return `0x${value.toString(16)}${words.length === 0 ? "" : ` (${words.join(", ")})`}`;
}

/** `3 certificates, 431 signatures of type SHA256`. */
function signatureWords(lists: readonly SignatureList[]): string {
  const counts = new Map<string, number>();
  for (const { type, typeName, signatures } of lists) {
    const kind = typeName ?? type;
    counts.set(kind, (counts.get(kind) ?? 0) + signatures.length);
  }
  const words = [...counts].map(([kind, count]) =>
    kind === "X509"
      ? formatCount(count, "certificate")
      : `${formatCount(count, "signature")} of type ${kind}`,
  );
  return words.join(", ") || "(empty)";
}

/** Bytes shown in a table. */
const BYTES_IN_TABLE = 16;

function hexWords(data: Uint8Array): string {
  if (data.length === 0) return "(empty)";
  const shown = Buffer.from(data.subarray(0, BYTES_IN_TABLE)).toString("hex");
  return `${shown.replaceAll(/.{8}(?=.)/g, "$& ")}${data.length > BYTES_IN_TABLE ? "..." : ""}`;
}

/** `application`: a category other than that of boot options. */
export const categoryWords = (category: LoadOptionCategory) =>
  typeof category === "number" ? `category ${category}` : category;

/** `active, hidden`: what the attributes of a load option say. */
export function loadOptionMarks({ attributes }: LoadOption): string {
  const category = loadOptionCategory({ attributes });
  const known = (1 | 2 | 8 | LOAD_OPTION_CATEGORY) >>> 0;
  const unknown = (attributes & ~known) >>> 0;
  return [
    isActive({ attributes }) ? "active" : "disabled",
    ...(attributes & 2 ? ["force reconnect"] : []),
    ...(isHidden({ attributes }) ? ["hidden"] : []),
    ...(category === "boot" ? [] : [categoryWords(category)]),
    ...(unknown === 0 ? [] : [`0x${unknown.toString(16)}`]),
  ].join(", ");
}

/** What the VMBus devices of a path are, or null when there is none. */
export function vmbusWords({ instances }: DevicePath): string | null {
  const words = instances.flat().flatMap((node: DevicePathNode) => {
    const device = vmbusDevice(node);
    return device === null
      ? []
      : [`${device.className ?? `device of class ${device.interfaceType}`} ${device.interfaceInstance}`];
  });
  return words.length === 0 ? null : words.join(", ");
}
