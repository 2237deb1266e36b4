/** The JSON export of a version 1 file (spec: uefi-nvram, section 4). */

import { checkBytes, checkText } from "../../arguments/index.ts";
import { listOf, MAX_DATA_BYTES, type Variable, type VariableList, zeroEfiTime } from "../variables/index.ts";
import {
  asGuid,
  asNumber,
  checkedName,
  elements,
  jsonError,
  member,
  members,
  optionalMember,
  type Place,
  parseJson,
} from "./json-value.ts";

/** The device of a version 1 file whose state `Nvram` holds the variables. */
export const NVRAM_DEVICE = "ac6b8dc1-3257-4a70-b1b2-a9c9215659ad";

/** The variables of the JSON export of a version 1 file. */
export interface LegacyExport {
  /** The variables in the order of the document; their times are not in it and are zero. */
  readonly list: VariableList;
  /** `LastUpdateTime` as it stands, or null. Untrusted. */
  readonly lastUpdateTime: string | number | null;
}

/**
 * Reads the export. Everything in it but the variables is ignored.
 *
 * @throws VmgsError VMGS_UEFI_JSON
 */
export function readLegacyExport(source: Uint8Array | string): LegacyExport {
  if (typeof source !== "string") checkBytes(source, "source");
  return legacyExportFrom(parseJson(source));
}

/** The same, from JSON that is parsed. */
export function legacyExportFrom(root: Place): LegacyExport {
  const devices = member(root, "Devices");
  const device = members(devices).find(({ name }) => name.toLowerCase() === NVRAM_DEVICE);
  if (device === undefined) throw jsonError(devices.path, `has no device ${NVRAM_DEVICE}`);
  const nvram = member(member(device, "States"), "Nvram");
  const variables = members(member(nvram, "Vendors")).flatMap((vendor) => {
    const guid = asGuid({ value: vendor.name, path: vendor.path });
    return members(member(vendor, "Variables")).map((place) => readVariable(guid, place.name, place));
  });
  const time = optionalMember(nvram, "LastUpdateTime")?.value;
  const lastUpdateTime = typeof time === "string" || typeof time === "number" ? time : null;
  return { list: listOf(variables), lastUpdateTime };
}

/**
 * Reads one variable of a version 1 file: `{ Attributes, Data: [bytes] }`, parsed.
 *
 * @param vendor GUID in lower case
 * @throws VmgsError VMGS_UEFI_JSON, without text from the file
 */
export function readLegacyVariable(vendor: string, name: string, value: unknown): Variable {
  checkText(vendor, "vendor");
  checkText(name, "name");
  return readVariable(vendor, name, { value, path: "the value" });
}

function readVariable(vendor: string, name: string, place: Place): Variable {
  const data = elements(member(place, "Data"));
  if (data.length > MAX_DATA_BYTES)
    throw jsonError(place.path, `has more than ${MAX_DATA_BYTES} bytes of data`);
  return {
    vendor,
    name: checkedName(name, place.path),
    attributes: asNumber(member(place, "Attributes"), 0xffff_ffff),
    timestamp: zeroEfiTime,
    data: Uint8Array.from(data, (byte) => asNumber(byte, 0xff)),
    namePadding: new Uint8Array(0),
  };
}
