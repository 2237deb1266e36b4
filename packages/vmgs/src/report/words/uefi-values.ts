/** Values of variables in words. Text of variables is untrusted and kept as it is; renderers make it safe. */

import { checkText } from "../../arguments/index.ts";
import { toHex } from "../../layout/index.ts";
import {
  type DevicePath,
  type DevicePathNode,
  devicePathText,
  holdsOptionNumber,
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
  vendorName,
  vmbusDevice,
} from "../../uefi/index.ts";
import { clip, formatCount } from "./sizes.ts";

/** `EFI_GLOBAL_VARIABLE`, or the GUID of a vendor without a name. */
export function vendorWord(vendor: string): string {
  checkText(vendor, "vendor");
  return vendorName(vendor) ?? vendor;
}

/** `BootOrder, Boot0000 and 12 more`. */
export function someNames(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

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

/** Text of a bounded length, for a table. */
export const shortText = (text: string) => clip(text, MOST_IN_TABLE);

/** The value in a few words, for a table. */
export function summarise(variable: Variable): string {
  const value = variableValue(variable);
  if (value.kind === "loadOption") return loadOptionSummary(value.option);
  if (value.kind === "raw" && value.error !== null) return `can't be read: ${hexWords(value.data)}`;
  return clip(variableWords(variable), MOST_IN_TABLE * 2);
}

function loadOptionSummary(option: LoadOption): string {
  const marks = [...(isActive(option) ? [] : ["disabled"]), ...(isHidden(option) ? ["hidden"] : [])];
  return `${shortText(option.description)}${marks.length === 0 ? "" : ` (${marks.join(", ")})`}`;
}

/** The value of a variable in one line. */
export function variableWords(variable: Variable): string {
  const value = variableValue(variable);
  const isOption = value.kind === "number" && holdsOptionNumber(variable);
  return isOption ? optionNumber(value.value) : valueWords(value);
}

function valueWords(value: VariableValue): string {
  switch (value.kind) {
    case "optionNumbers":
      return value.numbers.map(optionNumber).join(", ") || "(empty)";
    case "loadOption":
      return value.option.description;
    case "devicePath":
      return devicePathText(value.path);
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
      return `"${value.text}"`;
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
  const shown = toHex(data.subarray(0, BYTES_IN_TABLE));
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
