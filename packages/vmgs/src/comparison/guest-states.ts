/** Guest state files of either version side by side. */

import { checkObject } from "../arguments/index.ts";
import { isVmgsError } from "../errors/index.ts";
import type { GuestState } from "../guest-state/index.ts";
import { readVariables } from "../guest-state/index.ts";
import { compareV1States, type V1File } from "../v1/index.ts";
import { compareStores, type NotCompared, type PropertyChange, type StoreComparison } from "./stores.ts";
import { compareVariables } from "./variables.ts";

/**
 * Compares two guest state files. Between a version 1 file and a version 3 store only the variables can be compared;
 * of two version 1 files, the states of their devices are also compared.
 */
export async function compareGuestStates(before: GuestState, after: GuestState): Promise<StoreComparison> {
  checkObject(before, "before", "version", "container", "generation");
  checkObject(after, "after", "version", "container", "generation");
  if (before.version === 3 && after.version === 3) return compareStores(before.store, after.store);
  const properties = differing(propertiesOf(before), propertiesOf(after));
  if (before.version === 1 && after.version === 1) properties.push(...stateChanges(before.file, after.file));
  const notCompared: NotCompared[] = [];
  const variables = await comparedVariables(before, after, notCompared);
  const same = [properties, variables, notCompared].every(({ length }) => length === 0);
  return { same, properties, files: [], variables, tpm: [], marker: [], notCompared };
}

async function comparedVariables(before: GuestState, after: GuestState, notCompared: NotCompared[]) {
  try {
    return compareVariables(await readVariables(before), await readVariables(after));
  } catch (error) {
    if (!isVmgsError(error) || error.code === "VMGS_IO") throw error;
    notCompared.push({ part: "variables", reason: error.message });
    return [];
  }
}

function propertiesOf(state: GuestState): [property: string, value: string][] {
  if (state.version === 3) return [["format version", "3.0"]];
  const { layout, lastUpdateTime } = state.file;
  return [
    ["format version", "1.0"],
    ["sequence", String(layout.headers[layout.active.slot].header.sequence)],
    ["last update", lastUpdateTime ?? "unknown"],
  ];
}

function differing(
  before: readonly [string, string][],
  after: readonly [string, string][],
): PropertyChange[] {
  const now = new Map(after);
  return before.flatMap(([property, value]) => {
    const other = now.get(property);
    return other === undefined || other === value ? [] : [{ property, before: value, after: other }];
  });
}

function stateChanges(before: V1File, after: V1File): PropertyChange[] {
  return compareV1States(before.copy.data, after.copy.data).map(({ kind, device, state }) => ({
    property: `state ${state} of device ${device}`,
    before: kind === "added" ? "none" : "present",
    after: kind === "removed" ? "none" : kind === "changed" ? "changed" : "present",
  }));
}
