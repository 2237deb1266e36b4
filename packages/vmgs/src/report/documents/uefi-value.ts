/** Variables, their values and the parts that can't be read, as the documents of `vmgs uefi` carry them. */

import { type Json, toHex } from "../../layout/index.ts";
import {
  type DevicePath,
  describeDatabase,
  devicePathText,
  devicePathToJson,
  isActive,
  isHidden,
  type LoadOption,
  type LoadOptionCategory,
  loadOptionCategory,
  type OptionalText,
  optionalText,
  optionNumber,
  type SecureBootEntry,
  type SecurityVersion,
  type UnreadablePart,
  type Validity,
  type Variable,
  type VariableList,
  valueShape,
  variableToJson,
  variableValue,
  type WellKnownCertificate,
} from "../../uefi/index.ts";
import { type Problem, problemOf } from "./problem.ts";

/** What names a variable, and its attributes. */
export interface VariableFacts {
  /** Untrusted. */
  readonly name: string;
  /**
   * Bytes of the name, when it alone would not give them back.
   *
   * @pattern ^([0-9a-f]{2})*$
   */
  readonly nameHex: string | null;
  /**
   * Vendor GUID.
   *
   * @pattern ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$
   */
  readonly vendor: string;
  /** Name of the vendor, when it has one. */
  readonly vendorName: string | null;
  /** Attribute bits. */
  readonly attributes: number;
  /** Names of the bits that are set and have one. */
  readonly attributeNames: readonly string[];
  /** Time of a time-based authenticated variable. */
  readonly time: string | null;
}

/** A variable with its bytes. */
export interface VariableBytes extends VariableFacts {
  /**
   * EFI_TIME in hex; null when it is all zero.
   *
   * @pattern ^[0-9a-f]{32}$
   */
  readonly timestamp: string | null;
  /**
   * The value in hex.
   *
   * @pattern ^([0-9a-f]{2})*$
   */
  readonly data: string;
}

/** A variable, its bytes and their meaning. */
export interface VariableWithValue extends VariableBytes {
  /** What the bytes mean; null when that is not known or they do not hold it. */
  readonly value: ShownValue | null;
  /** Why the bytes do not hold what the name says. */
  readonly valueError: Problem | null;
}

/** A part of the list that can't be read. */
export interface UnreadableVariables {
  readonly problem: UnreadablePart["problem"]["id"];
  /** Byte offset in the list. */
  readonly offset: number;
  /** Bytes of the part. */
  readonly bytes: number;
  /** Name, as far as it can be read. Untrusted. */
  readonly name: string | null;
  readonly message: string;
}

/** What a variable holds, by its kind. */
export type ShownValue =
  | { readonly kind: "optionNumbers"; readonly numbers: readonly OptionNumber[] }
  | ({ readonly kind: "loadOption" } & ShownLoadOption)
  | { readonly kind: "devicePath"; readonly path: ShownDevicePath }
  | { readonly kind: "signatureLists"; readonly entries: readonly ShownSignature[] }
  | { readonly kind: "flag"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number }
  | {
      readonly kind: "osIndications";
      readonly value: string;
      readonly names: readonly string[];
      readonly unknown: string;
    }
  | { readonly kind: "guids"; readonly guids: readonly string[] }
  | { readonly kind: "text"; readonly text: string };

/**
 * Number of a boot option, as its name has it.
 *
 * @pattern ^[0-9A-F]{4}$
 */
export type OptionNumber = string;

/** A boot option: its parts, and the bits of its attributes. Text is untrusted. */
export interface ShownLoadOption {
  readonly attributes: number;
  readonly active: boolean;
  /** Reserved categories by number. */
  readonly category: LoadOptionCategory;
  readonly hidden: boolean;
  readonly description: string;
  /** The first one is what is started. */
  readonly paths: readonly ShownDevicePath[];
  /**
   * Bytes of the path list that can't be read, in hex.
   *
   * @pattern ^([0-9a-f]{2})*$
   */
  readonly unreadPaths: string;
  readonly pathProblem: string | null;
  /**
   * In hex.
   *
   * @pattern ^([0-9a-f]{2})*$
   */
  readonly optionalData: string;
  /** The optional data, where it is text. */
  readonly optionalText: OptionalText | null;
}

/** A device path. */
export interface ShownDevicePath {
  /** Text form of UEFI 2.10, section 10.6. Untrusted. */
  readonly text: string;
  /** Instances, each a list of nodes: `kind`, `type`, `subtype`, and `fields` or `data`. */
  readonly instances: Json;
}

/** One signature of a database. */
export interface ShownSignature {
  /** GUID of the type. */
  readonly type: string;
  readonly typeName: string | null;
  /** GUID of the owner who added it. */
  readonly owner: string;
  /** Bytes of the data. */
  readonly bytes: number;
  /** The hash in hex, when the type is one of hashes. */
  readonly hash: string | null;
  /** The lowest version of a boot application that may start; such an entry only looks like a hash. */
  readonly securityVersion: SecurityVersion | null;
  /** A hash of zeros or of nothing, which revokes nothing. */
  readonly placeholder: boolean;
  readonly certificate: ShownCertificate | null;
  readonly validity: Validity | null;
}

/** A certificate by its fields. Text is untrusted. */
export interface ShownCertificate {
  /** Thumbprint: SHA-256 of the whole certificate. */
  readonly sha256: string;
  readonly subject: string | null;
  readonly commonName: string | null;
  readonly issuer: string | null;
  readonly serial: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** Why it can't be read. */
  readonly problem: string | null;
  /** Set when the thumbprint is that of a certificate that many machines have. */
  readonly wellKnown: WellKnownCertificate | null;
}

/** Name, vendor and attributes of a variable. */
export function variableFacts(variable: Variable): VariableFacts {
  const { data: _data, timestamp: _timestamp, ...facts } = variableToJson(variable);
  return facts as unknown as VariableFacts;
}

/** A variable with its bytes and their meaning; certificates are judged at `now`. */
export async function variableWithValue(variable: Variable, now: Date): Promise<VariableWithValue> {
  const bytes = variableToJson(variable) as unknown as VariableBytes;
  return { ...bytes, ...(await shownValue(variable, now)) };
}

async function shownValue(
  variable: Variable,
  now: Date,
): Promise<Pick<VariableWithValue, "value" | "valueError">> {
  if (valueShape(variable) === "signatureLists") {
    const { entries, error } = await describeDatabase(variable, now);
    const value = { kind: "signatureLists", entries: entries.map(shownSignature) } as const;
    return { value, valueError: problemOf(error) };
  }
  const value = variableValue(variable);
  switch (value.kind) {
    case "raw":
      return { value: null, valueError: problemOf(value.error) };
    case "optionNumbers":
      return sound({ kind: value.kind, numbers: value.numbers.map(optionNumber) });
    case "loadOption":
      return sound({ kind: value.kind, ...shownLoadOption(value.option) });
    case "devicePath":
      return sound({ kind: value.kind, path: shownPath(value.path) });
    case "osIndications": {
      const { kind, names, unknown } = value;
      const inHex = (bits: bigint) => `0x${bits.toString(16)}`;
      return sound({ kind, value: inHex(value.value), names, unknown: inHex(unknown) });
    }
    case "number":
      return sound({ kind: value.kind, value: value.value });
    case "signatureLists":
      // Handled above, with the certificates.
      return { value: null, valueError: null };
    default:
      return sound(value);
  }
}

const sound = (value: ShownValue) => ({ value, valueError: null });

/** A load option: its parts, and the bits of its attributes. */
export function shownLoadOption(option: LoadOption): ShownLoadOption {
  const { attributes, description, paths, unreadPaths, pathProblem, optionalData } = option;
  return {
    attributes,
    active: isActive(option),
    category: loadOptionCategory(option),
    hidden: isHidden(option),
    description,
    paths: paths.map(shownPath),
    unreadPaths: toHex(unreadPaths),
    pathProblem: pathProblem?.message ?? null,
    optionalData: toHex(optionalData),
    optionalText: optionalText(optionalData),
  };
}

function shownPath(path: DevicePath): ShownDevicePath {
  return { text: devicePathText(path), instances: devicePathToJson(path) };
}

/** One signature; a certificate by its fields, not by its bytes. */
export function shownSignature(entry: SecureBootEntry): ShownSignature {
  const { type, typeName, owner, byteLength, hash, certificate, validity, securityVersion, placeholder } =
    entry;
  return {
    type,
    typeName,
    owner,
    bytes: byteLength,
    hash,
    securityVersion,
    placeholder,
    certificate: shownCertificate(certificate),
    validity,
  };
}

function shownCertificate(certificate: SecureBootEntry["certificate"]): ShownCertificate | null {
  if (certificate === null) return null;
  const { sha256, fields, problem, wellKnown } = certificate;
  return {
    sha256,
    subject: fields?.subject ?? null,
    commonName: fields?.commonName ?? null,
    issuer: fields?.issuer ?? null,
    serial: fields?.serial ?? null,
    notBefore: fields?.notBefore.toISOString() ?? null,
    notAfter: fields?.notAfter.toISOString() ?? null,
    problem,
    wellKnown,
  };
}

/** The parts of a list that can't be read, with their places. */
export function unreadableVariables({ parts }: VariableList): UnreadableVariables[] {
  return parts.flatMap((part) => {
    if (part.kind !== "unreadable") return [];
    const { id, offset, name, message } = part.problem;
    return [{ problem: id, offset, bytes: part.bytes.length, name, message }];
  });
}
