/** The UEFI variables in the data of a version 1 file. */

import { isVmgsError } from "../errors/index.ts";
import {
  type ListProblem,
  listOf,
  NVRAM_DEVICE,
  readLegacyVariable,
  type Variable,
  type VariableList,
} from "../uefi/index.ts";
import { type V1Data, v1State } from "./data.ts";
import { guidOf } from "./guid.ts";
import { type JsonPlace, jsonMember, jsonMembers, jsonText } from "./json-text.ts";

/** The state of the firmware that holds the variables. */
export const NVRAM_STATE = "Nvram";
/** UTF-16 units of one variable beyond which it is not parsed: the largest data takes less than a quarter of them. */
const MOST_UNITS = 1 << 20;
/** Variables beyond which no more are read. */
const MOST_VARIABLES = 16_384;

/** The variables of a version 1 file. */
export interface V1Variables {
  /** Ordered by vendor, then name, as they would lie in a version 3 store. Its problems lie at bytes of the data. */
  readonly list: VariableList;
  /** `LastUpdateTime` as it stands, or null. Untrusted. */
  readonly lastUpdateTime: string | null;
}

/** Reads the variables. One that can't be read is a problem of the list, and the rest is read. */
export function readV1Variables(data: V1Data): V1Variables {
  const { text } = data;
  const nvram = v1State(data, NVRAM_DEVICE, NVRAM_STATE)?.place;
  const found = new Map<string, Variable>();
  const problems: ListProblem[] = [];
  const problem = (id: ListProblem["id"], start: number, message: string, name: string | null) => {
    problems.push({ id, offset: 2 * start, message, name });
  };
  const vendors = jsonMember(text, nvram, "Vendors");
  let count = 0;
  for (const vendor of vendors === undefined ? [] : jsonMembers(text, vendors)) {
    const guid = guidOf(vendor.name);
    const variables = jsonMember(text, vendor.value, "Variables");
    if (guid === undefined) problem("not-a-vendor", vendor.start, "the vendor is not a GUID", vendor.name);
    if (guid === undefined || variables === undefined) continue;
    for (const { name, start, value } of jsonMembers(text, variables)) {
      count++;
      if (count > MOST_VARIABLES) {
        problem(
          "too-many-variables",
          start,
          `more than ${MOST_VARIABLES} variables; the rest is not read`,
          null,
        );
        break;
      }
      const read = readVariable(text, guid, name, value);
      if (typeof read === "string") problem("value-invalid", start, read, name);
      else {
        const key = `${guid}/${name}`;
        if (found.has(key))
          problem("variable-twice", start, "the variable stands twice; this one counts", name);
        found.set(key, read);
      }
    }
    if (count > MOST_VARIABLES) break;
  }
  const list = listOf([...found.values()].sort(inOrder));
  const lastUpdateTime = jsonText(text, jsonMember(text, nvram, "LastUpdateTime")) ?? null;
  return { list: { ...list, problems: [...list.problems, ...problems] }, lastUpdateTime };
}

function readVariable(
  text: string,
  vendor: string,
  name: string,
  { start, end }: JsonPlace,
): Variable | string {
  if (end - start > MOST_UNITS) return "the value is longer than any variable";
  try {
    return readLegacyVariable(vendor, name, JSON.parse(text.slice(start, end)));
  } catch (error) {
    if (isVmgsError(error, "VMGS_UEFI_JSON")) return error.message;
    throw error;
  }
}

function inOrder(a: Variable, b: Variable): number {
  if (a.vendor !== b.vendor) return a.vendor < b.vendor ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
