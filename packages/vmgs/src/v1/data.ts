/** The data of a version 1 file: devices and their states, as JSON in UTF-16 (spec: vmgs-v1, data). */

import { type Check, checkBytes, checkText, having } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { decode, ucs2z } from "../layout/index.ts";
import { guidOf } from "./guid.ts";
import { checkJson, type JsonPlace, jsonKind, jsonMember, jsonMembers, jsonText } from "./json-text.ts";

/** Bytes of data beyond which a copy is refused. */
export const MAX_V1_DATA_BYTES = 16 * 1024 * 1024;

/** Devices, or states of one device, beyond which no more are listed. */
const MOST_LISTED = 1024;

/** A state of a device: any JSON. */
export interface V1DeviceState {
  /** Untrusted. */
  readonly name: string;
  readonly place: JsonPlace;
}

/** A device with its states. */
export interface V1Device {
  /** GUID in lower case, or the name as it stands where it is not a GUID. Untrusted. */
  readonly id: string;
  /** `Type` as it stands, or null. Untrusted. */
  readonly type: string | null;
  /** `Major.Minor`, or null. */
  readonly version: string | null;
  /** In the order of the data; a name that stands twice stands twice. */
  readonly states: readonly V1DeviceState[];
}

/** Something in the data that can be read around. The identifiers are stable. */
export interface V1DataProblem {
  readonly id:
    | "no-nul"
    | "bytes-after-nul"
    | "duplicate-device"
    | "duplicate-state"
    | "not-a-device"
    | "too-many";
  /** Without text from the file. */
  readonly message: string;
}

/** A copy of the data that was read. */
export interface V1Data {
  /** The JSON, without the NUL. Places count its UTF-16 units; twice that are bytes of the copy. */
  readonly text: string;
  /** Bytes of the copy, the NUL included. */
  readonly byteLength: number;
  /** `Major.Minor` of the data, or null. */
  readonly version: string | null;
  /** In the order of the data. */
  readonly devices: readonly V1Device[];
  readonly problems: readonly V1DataProblem[];
}

/** A copy of the data, as `readV1Data` makes it. */
export const checkV1Data: Check = having("text", "devices");

/**
 * Reads a copy of the data.
 *
 * @throws VmgsError VMGS_V1_DATA when it can't be text; VMGS_V1_JSON when the text is not the JSON of a version 1 file
 */
export function readV1Data(bytes: Uint8Array): V1Data {
  checkBytes(bytes, "bytes");
  checkV1DataSize(bytes.length);
  const { text, problems } = textOf(bytes);
  const root = checkJson(text);
  const devices = jsonMember(text, root, "Devices");
  if (devices === undefined || jsonKind(text, devices) !== "object") {
    throw new VmgsError("VMGS_V1_JSON", "the data is JSON without the object Devices");
  }
  const version = versionIn(text, root);
  const listed = listDevices(text, devices, problems);
  return { text, byteLength: bytes.length, version, devices: listed, problems };
}

/**
 * Checks the size of a copy before memory is taken for it.
 *
 * @throws VmgsError VMGS_V1_DATA
 */
export function checkV1DataSize(bytes: number): void {
  const fault = (message: string, limit?: number) =>
    new VmgsError("VMGS_V1_DATA", message, { bytes, ...(limit !== undefined && { limit }) });
  if (bytes === 0) throw fault("the copy of the data is empty");
  if (bytes % 2 !== 0)
    throw fault(`the copy of the data has ${bytes} bytes, and UTF-16 takes an even number`);
  if (bytes > MAX_V1_DATA_BYTES) {
    throw fault(
      `the copy of the data has ${bytes} bytes, at most ${MAX_V1_DATA_BYTES} are read`,
      MAX_V1_DATA_BYTES,
    );
  }
}

function textOf(bytes: Uint8Array): { text: string; problems: V1DataProblem[] } {
  const ended = new Uint8Array(bytes.length + 2);
  ended.set(bytes);
  const text = decode(ucs2z, ended);
  const used = 2 * text.length + 2;
  const problems: V1DataProblem[] = [];
  if (used > bytes.length) {
    problems.push({ id: "no-nul", message: "the data does not end with a NUL" });
  } else if (used < bytes.length) {
    const message = `${bytes.length - used} bytes follow the NUL of the data`;
    problems.push({ id: "bytes-after-nul", message });
  }
  return { text, problems };
}

function listDevices(text: string, devices: JsonPlace, problems: V1DataProblem[]): V1Device[] {
  const listed: V1Device[] = [];
  const seen = new Set<string>();
  for (const { name, value } of jsonMembers(text, devices)) {
    if (listed.length === MOST_LISTED) {
      problems.push({ id: "too-many", message: `more than ${MOST_LISTED} devices; the rest is not listed` });
      break;
    }
    const id = guidOf(name) ?? name;
    if (seen.has(id)) {
      problems.push({
        id: "duplicate-device",
        message: `device ${listed.length} stands twice; the last counts`,
      });
    }
    seen.add(id);
    if (jsonKind(text, value) !== "object") {
      problems.push({ id: "not-a-device", message: `device ${listed.length} is not an object` });
    }
    const type = jsonText(text, jsonMember(text, value, "Type")) ?? null;
    listed.push({ id, type, version: versionIn(text, value), states: statesIn(text, value, problems) });
  }
  return listed;
}

function statesIn(text: string, device: JsonPlace, problems: V1DataProblem[]): V1DeviceState[] {
  const states = jsonMember(text, device, "States");
  const listed: V1DeviceState[] = [];
  if (states === undefined) return listed;
  const seen = new Set<string>();
  for (const { name, value } of jsonMembers(text, states)) {
    if (listed.length === MOST_LISTED) {
      problems.push({ id: "too-many", message: `more than ${MOST_LISTED} states; the rest is not listed` });
      break;
    }
    if (seen.has(name)) {
      problems.push({ id: "duplicate-state", message: "a state of a device stands twice; the last counts" });
    }
    seen.add(name);
    listed.push({ name, place: value });
  }
  return listed;
}

function versionIn(text: string, object: JsonPlace): string | null {
  const version = jsonMember(text, object, "Version");
  const parts = ["Major", "Minor"].map((name) => {
    const place = jsonMember(text, version, name);
    if (place === undefined || jsonKind(text, place) !== "number") return undefined;
    return text.slice(place.start, place.end);
  });
  return parts.includes(undefined) ? null : parts.join(".");
}

/**
 * The device with that GUID and the state of that name; of what stands twice the last.
 *
 * @param device GUID, case does not count
 */
export function v1State(data: V1Data, device: string, state: string): V1DeviceState | undefined {
  checkV1Data(data, "data");
  checkText(device, "device");
  checkText(state, "state");
  return data.devices
    .findLast(({ id }) => id === device.toLowerCase() || id === device)
    ?.states.findLast(({ name }) => name === state);
}

const checkState = having("name", "place");

/** The JSON of a state as it stands. */
export function v1StateText(data: V1Data, state: V1DeviceState): string {
  checkV1Data(data, "data");
  checkState(state, "state");
  return data.text.slice(state.place.start, state.place.end);
}
