/** Values of variables as JSON documents tell them. */

import {
  type DevicePath,
  describeDatabase,
  devicePathText,
  devicePathToJson,
  isActive,
  isHidden,
  type ListPart,
  type LoadOption,
  loadOptionCategory,
  optionalText,
  optionNumber,
  type SecureBootEntry,
  type UnreadablePart,
  type Variable,
  type VariableList,
  valueShape,
  variableToJson,
  variableValue,
} from "vmgskit/uefi";
import { describeError } from "../../messages.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const problemOf = (error: unknown) => (error === null ? null : describeError(error));

/** A variable as `vmgs.uefi/1` has it, with its value. */
export async function variableWithValue(variable: Variable, now: Date): Promise<object> {
  return { ...variableToJson(variable), ...(await valueToJson(variable, now)) };
}

async function valueToJson(
  variable: Variable,
  now: Date,
): Promise<{ value: object | null; valueError: object | null }> {
  if (valueShape(variable) === "signatureLists") {
    const { entries, error } = await describeDatabase(variable, now);
    const value = { kind: "signatureLists", entries: entries.map(signatureToJson) };
    return { value, valueError: problemOf(error) };
  }
  const value = variableValue(variable);
  switch (value.kind) {
    case "raw":
      return { value: null, valueError: problemOf(value.error) };
    case "optionNumbers":
      return sound({ kind: value.kind, numbers: value.numbers.map(optionNumber) });
    case "loadOption":
      return sound({ kind: value.kind, ...loadOptionToJson(value.option) });
    case "devicePath":
      return sound({ kind: value.kind, path: pathToJson(value.path) });
    case "osIndications": {
      const { kind, names, unknown } = value;
      return sound({
        kind,
        value: `0x${value.value.toString(16)}`,
        names,
        unknown: `0x${unknown.toString(16)}`,
      });
    }
    case "number":
      return sound({ kind: value.kind, value: value.value });
    default:
      return sound(value);
  }
}

const sound = (value: object) => ({ value, valueError: null });

/** A load option: its parts, and the bits of its attributes. */
export function loadOptionToJson(option: LoadOption): object {
  const { attributes, description, paths, unreadPaths, pathProblem, optionalData } = option;
  return {
    attributes,
    active: isActive(option),
    category: loadOptionCategory(option),
    hidden: isHidden(option),
    description,
    paths: paths.map(pathToJson),
    unreadPaths: hex(unreadPaths),
    pathProblem: pathProblem?.message ?? null,
    optionalData: hex(optionalData),
    optionalText: optionalText(optionalData),
  };
}

function pathToJson(path: DevicePath): object {
  return { text: devicePathText(path), instances: devicePathToJson(path) };
}

/** One signature; a certificate is told by its fields, not by its bytes. */
export function signatureToJson(entry: SecureBootEntry): object {
  const { type, typeName, owner, byteLength, hash, certificate, validity } = entry;
  const { securityVersion, placeholder } = entry;
  return {
    type,
    typeName,
    owner,
    bytes: byteLength,
    hash,
    securityVersion,
    placeholder,
    certificate: certificateToJson(certificate),
    validity,
  };
}

function certificateToJson(certificate: SecureBootEntry["certificate"]): object | null {
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
export function unreadableParts({ parts }: VariableList): object[] {
  return parts.filter(isUnreadable).map(({ bytes, problem }) => {
    const { id, offset, name, message } = problem;
    return { problem: id, offset, bytes: bytes.length, name, message };
  });
}

function isUnreadable(part: ListPart): part is UnreadablePart {
  return part.kind === "unreadable";
}
