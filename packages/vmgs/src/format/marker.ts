/** The provisioning marker: file 18, a small JSON for diagnosis only (spec: provisioning and the marker). */

import { checkBytes, checkObject, checkWhole, oneOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import type { Json } from "../layout/index.ts";

/** Bytes above which a file is not taken for a marker. */
export const MAX_MARKER_SIZE = 65_536;

const MAX_DEPTH = 64;

/** Who made a store, in the marker's spelling. Others are possible and kept as text. */
export const provisioners = [
  "unknown",
  "hcl",
  "openhcl",
  "cpsvmgstoolcvm",
  "havmgstooltvm",
  "hclpostprovisioning",
] as const;

/** Why a store was formatted, in the marker's spelling. */
export const provisioningReasons = ["empty", "failure", "request", "unknown"] as const;
/** Why a store was formatted, as the marker records it (spec: provisioning marker). */
export type ProvisioningReason = (typeof provisioningReasons)[number];

/** Name of the last field: the project's own (default), or that of the merged upstream code. */
export const markerVersionKeys = ["hcl_version", "provisioner_version"] as const;
/** Name of the marker's version field; it shows what kind of program wrote the marker. */
export type MarkerVersionKey = (typeof markerVersionKeys)[number];

/** What a marker says. */
export interface ProvisioningMarker {
  /** One of `provisioners`, or anything else. */
  readonly provisioner: string;
  readonly reason: ProvisioningReason;
  /** Version of the TPM reference code: `1.38`. */
  readonly tpmVersion: string;
  /** Bytes of the TPM's NV state (file 3). */
  readonly tpmNvramSize: number;
  /** Bytes of the AK certificate index. */
  readonly akcertSize: number;
  /** TPMA_NV of the AK certificate index. */
  readonly akcertAttributes: number;
  /** Source revision of the program that wrote the store. */
  readonly version: string;
}

/** A marker as it was found: nothing in it can be relied on. All text is untrusted. */
export interface MarkerReading {
  readonly provisioner: string | null;
  readonly reason: string | null;
  readonly tpmVersion: string | null;
  readonly tpmNvramSize: number | null;
  readonly akcertSize: number | null;
  /** TPMA_NV as a number; null when it is missing or not hexadecimal. */
  readonly akcertAttributes: number | null;
  readonly version: string | null;
  /** Which name the version has. No known program writes `both` or `none`. */
  readonly shape: MarkerVersionKey | "both" | "none";
  /** All fields as they stand, in their order. */
  readonly fields: readonly (readonly [name: string, value: Json])[];
  /** Names of the fields that are not part of a marker. */
  readonly unknownFields: readonly string[];
  /** What is missing or has the wrong type, one sentence each. */
  readonly problems: readonly string[];
  /** Bytes of the JSON text. */
  readonly byteLength: number;
}

const FIELD_NAMES = [
  "provisioner",
  "reason",
  "tpm_version",
  "tpm_nvram_size",
  "akcert_size",
  "akcert_attrs",
  ...markerVersionKeys,
] as const;
type FieldName = (typeof FIELD_NAMES)[number];
const KNOWN_FIELDS: ReadonlySet<string> = new Set(FIELD_NAMES);

const checkVersionKey = oneOf(markerVersionKeys);

/**
 * The exact bytes of a marker: compact JSON in UTF-8, fields in the specified order, no final newline.
 *
 * @throws VmgsError VMGS_MARKER_VALUE for control characters in text and for sizes that are not whole numbers.
 */
export function encodeMarker(
  marker: ProvisioningMarker,
  versionKey: MarkerVersionKey = "hcl_version",
): Uint8Array<ArrayBuffer> {
  checkObject(marker, "marker", "provisioner", "reason", "tpmVersion", "tpmNvramSize");
  checkVersionKey(versionKey, "versionKey");
  const json = {
    provisioner: text("provisioner", marker.provisioner),
    reason: text("reason", marker.reason),
    tpm_version: text("tpmVersion", marker.tpmVersion),
    tpm_nvram_size: count("tpmNvramSize", marker.tpmNvramSize),
    akcert_size: count("akcertSize", marker.akcertSize),
    akcert_attrs: `0x${count("akcertAttributes", marker.akcertAttributes).toString(16)}`,
    [versionKey]: text("version", marker.version),
  };
  const encoded = new TextEncoder().encode(JSON.stringify(json));
  if (encoded.length > MAX_MARKER_SIZE) {
    throw new VmgsError(
      "VMGS_MARKER_VALUE",
      `the marker has ${encoded.length} bytes, at most ${MAX_MARKER_SIZE} are read`,
    );
  }
  return encoded;
}

function text(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (!/[\x00-\x1f\x7f-\x9f]/.test(value)) return value;
  throw new VmgsError("VMGS_MARKER_VALUE", `marker: ${name} has control characters`);
}

function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw new VmgsError("VMGS_MARKER_VALUE", `marker: ${name} is not a whole number from 0 to 2^32 - 1`);
}

/**
 * Reads a marker in either shape, tolerantly: unknown fields are kept, missing ones are null and listed in `problems`.
 *
 * @throws VmgsError VMGS_MARKER_TOO_LARGE, or VMGS_MARKER_MALFORMED when the bytes are not a JSON object in UTF-8.
 */
export function decodeMarker(bytes: Uint8Array): MarkerReading {
  checkBytes(bytes, "bytes");
  checkMarkerSize(bytes.length);
  const { object, fields } = parseObject(bytes);
  const problems: string[] = [];
  const read = <T>(name: FieldName, accept: (value: Json) => T | undefined, expected: string): T | null => {
    if (!Object.hasOwn(object, name)) {
      problems.push(`${name} is missing`);
      return null;
    }
    const value = accept(object[name] as Json);
    if (value === undefined) problems.push(`${name} is not ${expected}`);
    return value ?? null;
  };
  const present = markerVersionKeys.filter((key) => Object.hasOwn(object, key));
  const versionKey = present[0] ?? "hcl_version";
  return {
    provisioner: read("provisioner", asText, "text"),
    reason: object.reason === null ? null : read("reason", asText, "text"),
    tpmVersion: read("tpm_version", asText, "text"),
    tpmNvramSize: read("tpm_nvram_size", asCount, "a whole number"),
    akcertSize: read("akcert_size", asCount, "a whole number"),
    akcertAttributes: read("akcert_attrs", asHexNumber, "a hexadecimal number"),
    version: read(versionKey, asText, "text"),
    shape: present.length > 1 ? "both" : (present[0] ?? "none"),
    fields,
    unknownFields: fields.map(([name]) => name).filter((name) => !KNOWN_FIELDS.has(name)),
    problems,
    byteLength: bytes.length,
  };
}

/** @throws VmgsError VMGS_MARKER_TOO_LARGE */
export function checkMarkerSize(byteLength: number): void {
  checkWhole(byteLength, "byteLength");
  if (byteLength <= MAX_MARKER_SIZE) return;
  throw new VmgsError(
    "VMGS_MARKER_TOO_LARGE",
    `the marker has ${byteLength} bytes, at most ${MAX_MARKER_SIZE} are read`,
    {
      bytes: byteLength,
      limit: MAX_MARKER_SIZE,
    },
  );
}

/** True when the value is a string that `reason` may have in a marker we write. */
export function isProvisioningReason(value: unknown): value is ProvisioningReason {
  return (provisioningReasons as readonly unknown[]).includes(value);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

interface ParsedObject {
  readonly object: { readonly [name: string]: Json };
  /** In the order of the text. */
  readonly fields: readonly (readonly [name: string, value: Json])[];
}

function parseObject(bytes: Uint8Array): ParsedObject {
  let text: string;
  let value: Json;
  try {
    text = strictUtf8.decode(bytes);
    value = JSON.parse(text) as Json;
  } catch (cause) {
    // The parser's message quotes the input, which is untrusted; only the cause keeps it.
    throw new VmgsError("VMGS_MARKER_MALFORMED", "the marker is not JSON in UTF-8", {}, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new VmgsError("VMGS_MARKER_MALFORMED", "the marker is JSON, but no object");
  }
  const object: ParsedObject["object"] = value;
  const fields = fieldNames(object, text).map((name) => [name, object[name] as Json] as const);
  if (fields.some(([, inner]) => isDeeperThan(inner, MAX_DEPTH - 1))) {
    throw new VmgsError("VMGS_MARKER_MALFORMED", `the marker is nested deeper than ${MAX_DEPTH} levels`);
  }
  return { object, fields };
}

/** Names in the order of the text. An object moves names that are whole numbers to its front; then the text is asked. */
function fieldNames(object: object, text: string): string[] {
  const names = Object.keys(object);
  return /^\d+$/.test(names[0] ?? "") ? [...namesInText(text)] : names;
}

/** Names of the outermost object of valid JSON: the strings before its colons. */
function namesInText(text: string): Set<string> {
  const names = new Set<string>();
  let depth = 0;
  let lastString = "";
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token !== ":") lastString = token;
    else if (depth === 1) names.add(JSON.parse(lastString) as string);
  }
  return names;
}

/** True when a value lies more than `levels` levels below this one. */
function isDeeperThan(value: Json, levels: number): boolean {
  if (levels < 0) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

const asText = (value: Json) => (typeof value === "string" ? value : undefined);
const asCount = (value: Json) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
const asHexNumber = (value: Json) =>
  typeof value === "string" && /^0x[0-9a-f]{1,8}$/i.test(value) ? Number(value) : undefined;
