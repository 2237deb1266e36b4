/** UEFI variables. Pure. */

import { FileId } from "../../format/index.ts";
import { toHex } from "../../layout/index.ts";
import {
  bootVariables,
  LOW_LIST_BYTES,
  MAX_LIST_BYTES,
  optionNumber,
  type VariableList,
} from "../../uefi/index.ts";
import { firmwareStop, type UefiEvidence } from "../evidence/index.ts";
import { type Finding, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";
import { secureBootFindings } from "./secure-boot.ts";

/** What is wrong with file 1 and 9. */
export function uefiFindings({ guest }: Evidence): Finding[] {
  const found: Finding[] = [];
  if (guest.uefi !== null) found.push(...variableFindings(guest.uefi));
  if (guest.customUefiError !== null) {
    const stops = firmwareStop(guest)?.kind === "custom";
    const id = stops ? "uefi-custom-stops-boot" : "uefi-custom-unreadable";
    found.push(finding(id, guest.customUefiError.message, { fileId: FileId.CUSTOM_UEFI }));
  }
  return found;
}

function variableFindings({ list, boot, secureBoot }: UefiEvidence): Finding[] {
  if (list.variables.length === 0 && list.problems.length > 0) {
    const [first] = list.problems;
    const message = `not one entry can be read: ${first?.message}`;
    return [finding("uefi-list-unrecognized", message, { fileId: 1, bytes: list.byteLength })];
  }
  return [
    ...problemFindings(list),
    ...spaceFindings(list),
    ...bootFindings(boot),
    ...secureBootFindings(secureBoot),
  ];
}

/** More problems of a list than this say the same again. */
const MOST_PROBLEMS = 16;

function problemFindings({ problems }: VariableList): Finding[] {
  const found = problems.slice(0, MOST_PROBLEMS).map(({ id, offset, message }) =>
    finding("uefi-list-damaged", `at ${offset}: ${message}`, {
      fileId: 1,
      listOffset: offset,
      problem: id,
    }),
  );
  const more = problems.length - found.length;
  if (more > 0)
    found.push(finding("uefi-list-damaged", `${more} more parts can't be read`, { fileId: 1, more }));
  return found;
}

/** So many equal entries do not arise by accident. */
const MANY_ENTRIES = 16;

function spaceFindings(list: VariableList): Finding[] {
  const left = Math.max(0, MAX_LIST_BYTES - list.byteLength);
  const repeated = repeatedEntries(list);
  const entries = `${repeated} boot entries say the same as another one`;
  const found: Finding[] = [];
  if (left < LOW_LIST_BYTES && list.problems.every(({ id }) => id !== "file-too-large")) {
    const message = `${left} of ${MAX_LIST_BYTES} bytes are left${repeated > 0 ? `; ${entries}` : ""}`;
    found.push(finding("uefi-space-low", message, { bytesLeft: left, repeated }));
  }
  if (repeated >= MANY_ENTRIES) found.push(finding("uefi-boot-entries-repeated", entries, { repeated }));
  return found;
}

/** How many Boot#### hold what another one holds. */
function repeatedEntries(list: VariableList): number {
  const options = bootVariables(list).map(({ variable }) => toHex(variable.data));
  return options.length - new Set(options).size;
}

function bootFindings({ entries, errors }: UefiEvidence["boot"]): Finding[] {
  const found: Finding[] = [];
  const dangling = [...new Set(entries.filter((entry) => entry.dangling).map(({ number }) => number))];
  if (dangling.length > 0) {
    const names = dangling.map((number) => `Boot${optionNumber(number)}`);
    const some = names.slice(0, MOST_NAMED).join(", ");
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
    const tried = entries.filter(({ source, dangling: gone }) => source !== "unlisted" && !gone).length;
    const message = `${some}${more} ${names.length === 1 ? "does" : "do"} not exist; ${tried} entries of the order do`;
    found.push(finding("uefi-boot-order-dangling", message, { missing: names.length, existing: tried }));
  }
  for (const error of errors) {
    found.push(finding("uefi-boot-entry-unreadable", error.message, { code: error.code }));
  }
  // BootOrder can name an entry many times; it is reported once.
  const unreadable = new Map(entries.flatMap(({ name, error }) => (error === null ? [] : [[name, error]])));
  for (const [variable, { message, code }] of [...unreadable].slice(0, MOST_NAMED)) {
    found.push(finding("uefi-boot-entry-unreadable", message, { variable, code }));
  }
  if (unreadable.size > MOST_NAMED) {
    const more = unreadable.size - MOST_NAMED;
    found.push(finding("uefi-boot-entry-unreadable", `${more} more entries can't be read`, { more }));
  }
  return found;
}

const MOST_NAMED = 8;
