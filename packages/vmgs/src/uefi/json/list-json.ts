/** A variable list as JSON, `vmgs.uefi/1`, and back without loss. */

import { decode, encode, type Json, LayoutError, Sink, toHex } from "../../layout/index.ts";
import { vendorName } from "../values/index.ts";
import {
  efiTime,
  encodeVariableList,
  isZeroEfiTime,
  listOf,
  MAX_NAME_BYTES,
  nameField,
  type ReadListOptions,
  readVariableList,
  type Variable,
  type VariableList,
  variableAttributes,
  variableTime,
  zeroEfiTime,
} from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import { checkReadListOptions } from "../variables/read-list.ts";
import { checkVariable } from "../variables/variable.ts";
import {
  asData,
  asGuid,
  asHex,
  asNumber,
  asOneOf,
  asText,
  elements,
  jsonError,
  member,
  optionalMember,
  type Place,
} from "./json-value.ts";

/** Name and version of the document. */
export const VARIABLE_LIST_SCHEMA = "vmgs.uefi/1";

/**
 * The list as JSON. `data`, `timestamp` and `nameHex` are hex; `nameHex` is there when `name` alone would not give back
 * the same bytes. `vendorName`, `attributeNames` and `time` are for people and not read back.
 */
export function variableListToJson(list: VariableList): { [key: string]: Json } {
  checkVariableList(list, "list");
  const variables: Json[] = [];
  const unreadable: Json[] = [];
  for (const part of list.parts) {
    if (part.kind === "variable") variables.push(variableToJson(part.variable));
    else {
      const { id, offset, message } = part.problem;
      unreadable.push({ before: variables.length, problem: id, offset, message, data: toHex(part.bytes) });
    }
  }
  return { schema: VARIABLE_LIST_SCHEMA, variables, unreadable };
}

/** One variable as it stands in `vmgs.uefi/1`. */
export function variableToJson(variable: Variable): { [key: string]: Json } {
  checkVariable(variable, "variable");
  const { vendor, name, attributes, timestamp, data } = variable;
  return {
    name,
    nameHex: saysAll(variable) ? null : toHex(encode(nameField, variable)),
    vendor,
    vendorName: vendorName(vendor),
    attributes,
    attributeNames: variableAttributes.names(attributes),
    time: variableTime(variable),
    timestamp: isZeroEfiTime(timestamp) ? null : toHex(encode(efiTime, timestamp)),
    data: toHex(data),
  };
}

/** Unpaired surrogates survive `JSON.stringify`, but not every reader of JSON. */
function saysAll({ name, namePadding }: Variable): boolean {
  return namePadding.length === 0 && !/\p{Surrogate}/u.test(name);
}

/**
 * Reads a document of the schema `vmgs.uefi/1`. The list is what its bytes say, so parts that could not be read are
 * judged anew.
 *
 * @param document parsed JSON
 * @throws VmgsError VMGS_UEFI_JSON
 */
export function variableListFromJson(document: unknown, options: ReadListOptions = {}): VariableList {
  checkReadListOptions(options, "options");
  const root: Place = { value: document, path: "" };
  asOneOf(member(root, "schema"), [VARIABLE_LIST_SCHEMA]);
  const variables = elements(member(root, "variables")).map(variableFromJson);
  const unreadablePlace = optionalMember(root, "unreadable");
  const unreadable = (unreadablePlace === undefined ? [] : elements(unreadablePlace)).map((place) => ({
    before: asNumber(member(place, "before"), variables.length),
    data: asHex(member(place, "data")),
  }));
  const unreadableBefore = new Map<number, Uint8Array[]>();
  for (const { before, data } of unreadable) {
    const group = unreadableBefore.get(before);
    if (group === undefined) unreadableBefore.set(before, [data]);
    else group.push(data);
  }
  const sink = new Sink(4096);
  for (let index = 0; index <= variables.length; index++) {
    for (const data of unreadableBefore.get(index) ?? []) sink.append(data);
    const variable = variables[index];
    if (variable !== undefined) sink.append(encodeVariableList(listOf([variable])));
  }
  return readVariableList(sink.finish(), options);
}

function variableFromJson(place: Place): Variable {
  const data = asData(member(place, "data"));
  const timestamp = optionalMember(place, "timestamp");
  return {
    ...nameFromJson(place),
    vendor: asGuid(member(place, "vendor")),
    attributes: asNumber(member(place, "attributes"), 0xffff_ffff),
    timestamp: timestamp === undefined ? zeroEfiTime : timeFromJson(timestamp),
    data,
  };
}

function nameFromJson(place: Place): Pick<Variable, "name" | "namePadding"> {
  const exact = optionalMember(place, "nameHex");
  try {
    const field =
      exact === undefined
        ? encode(nameField, { name: asText(member(place, "name")), namePadding: new Uint8Array(0) })
        : asHex(exact);
    if (field.length <= MAX_NAME_BYTES) return decode(nameField, field);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw jsonError(`${place.path}.${exact === undefined ? "name" : "nameHex"}`, "is not a name", { cause });
  }
  throw jsonError(`${place.path}.name`, `has more than ${MAX_NAME_BYTES} bytes`);
}

function timeFromJson(place: Place) {
  const bytes = asHex(place);
  if (bytes.length !== efiTime.size) throw jsonError(place.path, `is not ${efiTime.size} bytes in hex`);
  return decode(efiTime, bytes);
}
