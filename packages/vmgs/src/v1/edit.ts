/** Changing variables in the text of the data: what is not changed stays as it is, character for character. */

import { VmgsError } from "../errors/index.ts";
import { NVRAM_DEVICE, type Variable, type VariableList } from "../uefi/index.ts";
import { type V1Data, v1State } from "./data.ts";
import { guidOf } from "./guid.ts";
import { type JsonMember, type JsonPlace, jsonKind, jsonMember, jsonMembers } from "./json-text.ts";
import { NVRAM_STATE, readV1Variables } from "./variables.ts";

/** One replacement: the units from `start` to `end` become `text`. */
interface Splice extends JsonPlace {
  readonly text: string;
}

/** An object `Variables` of a vendor, with its members. */
interface VendorObject {
  readonly vendor: string;
  readonly place: JsonPlace;
  readonly members: readonly JsonMember[];
}

/**
 * The text of the data with other variables: those of `wanted` are set, others that could be read are removed. What
 * can't be read, members that are unknown, white space and the order stay. A variable that stands twice is changed
 * where it counts, and removed everywhere. Times of variables have no place in version 1.
 *
 * @throws VmgsError VMGS_V1_JSON when the data has no firmware device, or its objects are not what they should be
 */
export function editV1Variables(data: V1Data, wanted: VariableList): string {
  const current = readV1Variables(data).list.variables;
  const changed = wanted.variables.filter((variable) => {
    const old = current.find((one) => sameKey(one, variable));
    return old !== undefined && !(old.attributes === variable.attributes && sameData(old, variable));
  });
  const added = wanted.variables.filter((variable) => !current.some((one) => sameKey(one, variable)));
  const removed = current.filter((variable) => !wanted.variables.some((one) => sameKey(one, variable)));
  if (changed.length + added.length + removed.length === 0) return data.text;
  const nvram = v1State(data, NVRAM_DEVICE, NVRAM_STATE)?.place;
  const vendors = vendorObjects(data.text, nvram);
  const splices = [
    ...changed.flatMap((variable) => valueSplices(data.text, vendors, variable)),
    ...vendors.flatMap((vendor) => memberSplices(vendor, added, removed, vendors)),
    ...newVendors(data, nvram, added, vendors),
  ];
  return spliced(data.text, splices);
}

const sameKey = (a: Variable, b: Variable) => a.vendor === b.vendor && a.name === b.name;

const sameData = ({ data }: Variable, other: Variable) =>
  data.length === other.data.length && data.every((byte, i) => byte === other.data[i]);

function vendorObjects(text: string, nvram: JsonPlace | undefined): VendorObject[] {
  const vendors = jsonMember(text, nvram, "Vendors");
  const found: VendorObject[] = [];
  for (const { name, value } of vendors === undefined ? [] : jsonMembers(text, vendors)) {
    const vendor = guidOf(name);
    const place = jsonMember(text, value, "Variables");
    if (vendor === undefined || place === undefined || jsonKind(text, place) !== "object") continue;
    found.push({ vendor, place, members: [...jsonMembers(text, place)] });
  }
  return found;
}

/** New values of a variable that exists, where it counts. */
function valueSplices(text: string, vendors: readonly VendorObject[], variable: Variable): Splice[] {
  const member = vendors
    .filter(({ vendor }) => vendor === variable.vendor)
    .flatMap(({ members }) => members)
    .findLast(({ name, value }) => name === variable.name && isReadable(text, value));
  const attributes = jsonMember(text, member?.value, "Attributes");
  const bytes = jsonMember(text, member?.value, "Data");
  if (attributes === undefined || bytes === undefined) throw misplaced("a variable is not where it was read");
  return [
    { ...attributes, text: unlessSame(text, attributes, String(variable.attributes)) },
    { ...bytes, text: unlessSame(text, bytes, dataText(variable)) },
  ];
}

function isReadable(text: string, value: JsonPlace): boolean {
  const bytes = jsonMember(text, value, "Data");
  return bytes !== undefined && jsonKind(text, bytes) === "array";
}

/** Keeps how a value was written when it means the same. */
function unlessSame(text: string, place: JsonPlace, value: string): string {
  const old = text.slice(place.start, place.end);
  return JSON.stringify(JSON.parse(old)) === value ? old : value;
}

const dataText = ({ data }: Variable) => `[${data.join(",")}]`;
const memberText = (variable: Variable) =>
  `${JSON.stringify(variable.name)}:{"Attributes":${variable.attributes},"Data":${dataText(variable)}}`;

/** Removes members of one vendor, and adds new ones at its end. */
function memberSplices(
  { vendor, place, members }: VendorObject,
  added: readonly Variable[],
  removed: readonly Variable[],
  all: readonly VendorObject[],
): Splice[] {
  const gone = members.map(({ name }) => removed.some((one) => one.vendor === vendor && one.name === name));
  const splices: Splice[] = [];
  for (const [i, member] of members.entries()) {
    if (gone[i] !== true) continue;
    const next = members[i + 1];
    const keptLater = gone.slice(i + 1).includes(false);
    const before = members[i - 1];
    const start = keptLater || before === undefined ? member.start : before.value.end;
    splices.push({ start, end: keptLater && next ? next.start : member.value.end, text: "" });
  }
  const last = all.findLast((one) => one.vendor === vendor);
  const own = last?.place === place ? added.filter((one) => one.vendor === vendor) : [];
  if (own.length > 0) {
    const kept = gone.includes(false);
    const at = kept ? (members.at(-1)?.value.end as number) : place.start + 1;
    splices.push({ start: at, end: at, text: `${kept ? "," : ""}${own.map(memberText).join(",")}` });
  }
  return splices;
}

/** Vendors that the data does not have yet, and what is missing above them. */
function newVendors(
  data: V1Data,
  nvram: JsonPlace | undefined,
  added: readonly Variable[],
  known: readonly VendorObject[],
): Splice[] {
  const homeless = added.filter(({ vendor }) => !known.some((one) => one.vendor === vendor));
  if (homeless.length === 0) return [];
  const names = [...new Set(homeless.map(({ vendor }) => vendor))];
  const text = names
    .map((vendor) => {
      const members = homeless.filter((one) => one.vendor === vendor).map(memberText);
      return `${JSON.stringify(vendor)}:{"Variables":{${members.join(",")}}}`;
    })
    .join(",");
  const vendors = jsonMember(data.text, nvram, "Vendors");
  if (vendors !== undefined) return [appended(data.text, vendors, text)];
  if (nvram !== undefined) return [appended(data.text, nvram, `"Vendors":{${text}}`)];
  const devices = jsonMember(data.text, { start: skip(data.text), end: data.text.length }, "Devices");
  let states: JsonPlace | undefined;
  for (const { name, value } of devices === undefined ? [] : jsonMembers(data.text, devices)) {
    if (guidOf(name) === NVRAM_DEVICE) states = jsonMember(data.text, value, "States");
  }
  if (states === undefined) throw misplaced("the data has no states of the firmware device");
  return [appended(data.text, states, `${JSON.stringify(NVRAM_STATE)}:{"Vendors":{${text}}}`)];
}

const skip = (text: string) => text.search(/[^ \t\r\n]/);

/** A member at the end of an object. */
function appended(text: string, place: JsonPlace, member: string): Splice {
  if (jsonKind(text, place) !== "object") throw misplaced("an object that holds variables is something else");
  const last = [...jsonMembers(text, place)].at(-1);
  const at = last === undefined ? place.start + 1 : last.value.end;
  return { start: at, end: at, text: `${last === undefined ? "" : ","}${member}` };
}

const misplaced = (message: string) => new VmgsError("VMGS_V1_JSON", message);

function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: inserted } of [...splices].sort(
    (a, b) => a.start - b.start || a.end - b.end,
  )) {
    parts.push(text.slice(at, start), inserted);
    at = end;
  }
  return [...parts, text.slice(at)].join("");
}
