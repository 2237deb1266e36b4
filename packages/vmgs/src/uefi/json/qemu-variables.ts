/**
 * The JSON of virt-fw-vars and of QEMU's uefi-vars device, version 2: `{ version: 2, variables: [{ name, guid, attr, data,
 * time? }] }`, data and time in hex. Source: docs of QEMU, "UEFI variables", and of the project virt-firmware.
 */

import { checkBytes } from "../../arguments/index.ts";
import { decode, encode, type Json, toHex } from "../../layout/index.ts";
import {
  efiTime,
  isZeroEfiTime,
  listOf,
  type Variable,
  type VariableList,
  zeroEfiTime,
} from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import {
  asData,
  asGuid,
  asHex,
  asName,
  asNumber,
  elements,
  jsonError,
  member,
  optionalMember,
  type Place,
  parseJson,
} from "./json-value.ts";

/** The version of the document that is read and written. */
export const QEMU_VARIABLES_VERSION = 2;

/**
 * Reads the document. What else a variable has, such as the digest of its key, is ignored.
 *
 * @throws VmgsError VMGS_UEFI_JSON
 */
export function readQemuVariables(source: Uint8Array | string): VariableList {
  if (typeof source !== "string") checkBytes(source, "source");
  return qemuVariablesFrom(parseJson(source));
}

/** The same, from JSON that is parsed. */
export function qemuVariablesFrom(root: Place): VariableList {
  const version = member(root, "version");
  if (version.value !== QEMU_VARIABLES_VERSION) throw jsonError(version.path, "is not 2");
  return listOf(elements(member(root, "variables")).map(readVariable));
}

function readVariable(place: Place): Variable {
  const time = optionalMember(place, "time");
  return {
    name: asName(member(place, "name")),
    vendor: asGuid(member(place, "guid")),
    attributes: asNumber(member(place, "attr"), 0xffff_ffff),
    timestamp: time === undefined ? zeroEfiTime : readTime(time),
    data: asData(member(place, "data")),
    namePadding: new Uint8Array(0),
  };
}

function readTime(place: Place) {
  const bytes = asHex(place);
  if (bytes.length !== TIME_BYTES) throw jsonError(place.path, `is not ${TIME_BYTES} bytes in hex`);
  return decode(efiTime, bytes);
}

const TIME_BYTES = 16;

/** The document of the variables of a list. Parts that can't be read have no place in it. */
export function qemuVariablesToJson(list: VariableList): { [key: string]: Json } {
  checkVariableList(list, "list");
  const { variables } = list;
  return { version: QEMU_VARIABLES_VERSION, variables: variables.map(variableToJson) };
}

function variableToJson({ name, vendor, attributes, timestamp, data }: Variable): Json {
  const time = isZeroEfiTime(timestamp) ? {} : { time: toHex(encode(efiTime, timestamp)) };
  return { name, guid: vendor, attr: attributes, data: toHex(data), ...time };
}
