/** What became of a virtual TPM from one state to another. Data of indices is compared, never shown; no secret is looked at. */

import { checkObject } from "../arguments/index.ts";
import { hexNumber, toHex } from "../layout/index.ts";
import {
  describeHandle,
  type TpmHierarchy,
  type TpmNvIndex,
  type TpmObject,
  type TpmState,
} from "../tpm/index.ts";
import { sameBytes } from "./tables.ts";

/** A difference between two states of a vTPM, without secrets. */
export interface TpmChange {
  readonly kind: "came" | "went" | "changed";
  /** What it is about: `NV index 0x01c00002 ...`, `object 0x81000001 ...`, `owner hierarchy`, `counters`. */
  readonly subject: string;
  /** Handle of the index or object; null for the rest. */
  readonly handle: number | null;
  /** What is different, one phrase each; empty for one that came or went. */
  readonly what: readonly string[];
}

/** Compares two states: indices and objects by handle, then hierarchies, lockout and counters. */
export function compareTpmStates(before: TpmState, after: TpmState): TpmChange[] {
  checkObject(before, "before", "pcrBanks", "generation");
  checkObject(after, "after", "pcrBanks", "generation");
  return [
    ...compareByHandle("NV index", before.indices, after.indices, indexDifferences),
    ...compareByHandle("object", before.objects, after.objects, objectDifferences),
    ...compareRest(before, after),
  ];
}

function compareByHandle<T extends { readonly handle: number }>(
  noun: string,
  before: readonly T[],
  after: readonly T[],
  differences: (before: T, after: T) => string[],
): TpmChange[] {
  const changes: TpmChange[] = [];
  const subject = (handle: number) => `${noun} ${describeHandle(handle)}`;
  for (const entry of after) {
    const { handle } = entry;
    const old = before.find((candidate) => candidate.handle === handle);
    const what = old === undefined ? [] : differences(old, entry);
    if (old === undefined) changes.push({ kind: "came", subject: subject(handle), handle, what });
    else if (what.length > 0) changes.push({ kind: "changed", subject: subject(handle), handle, what });
  }
  for (const { handle } of before) {
    if (!after.some((candidate) => candidate.handle === handle))
      changes.push({ kind: "went", subject: subject(handle), handle, what: [] });
  }
  return changes;
}

function indexDifferences(before: TpmNvIndex, after: TpmNvIndex): string[] {
  return [
    ...changed("attributes", hexNumber(before.attributes, 8), hexNumber(after.attributes, 8)),
    ...changed("size", `${before.dataSize} bytes`, `${after.dataSize} bytes`),
    ...changed("name algorithm", hexNumber(before.nameAlg, 4), hexNumber(after.nameAlg, 4)),
    ...changed("written", yesNo(before.written), yesNo(after.written)),
    ...(sameOrNull(before.data, after.data) ? [] : ["data"]),
    ...(sameOrNull(before.policy, after.policy) ? [] : ["policy"]),
  ];
}

function objectDifferences(before: TpmObject, after: TpmObject): string[] {
  return [
    ...(sameBytes(before.name, after.name)
      ? []
      : [`name ${toHex(before.name.subarray(0, 8))}... -> ${toHex(after.name.subarray(0, 8))}...`]),
    ...changed("hierarchy", before.hierarchy ?? "none", after.hierarchy ?? "none"),
    ...changed("authorization set", yesNo(before.authSet), yesNo(after.authSet)),
  ];
}

function compareRest(before: TpmState, after: TpmState): TpmChange[] {
  const lockout = ({ failedTries, maxTries, recoveryTime, lockoutRecovery }: TpmState["lockout"]) =>
    `${failedTries} of ${maxTries} tries failed, recovery ${recoveryTime} s and ${lockoutRecovery} s`;
  const parts: [subject: string, what: string[]][] = [
    ["owner hierarchy", hierarchyDifferences(before.owner, after.owner)],
    ["endorsement hierarchy", hierarchyDifferences(before.endorsement, after.endorsement)],
    [
      "lockout",
      [
        ...hierarchyDifferences(before.lockout, after.lockout),
        ...changed("state", lockout(before.lockout), lockout(after.lockout)),
      ],
    ],
    [
      "counters",
      [
        ...changed("total resets", String(before.totalResetCount), String(after.totalResetCount)),
        ...changed("resets", String(before.resetCount), String(after.resetCount)),
        ...changed("clock", `${before.clock} ms`, `${after.clock} ms`),
        ...changed("time epoch", String(before.timeEpoch), String(after.timeEpoch)),
      ],
    ],
    [
      "state",
      [
        ...changed("size", `${before.byteLength} bytes`, `${after.byteLength} bytes`),
        ...changed("left", before.orderlyStateText, after.orderlyStateText),
        ...changed("broken list", yesNo(before.corruption !== null), yesNo(after.corruption !== null)),
      ],
    ],
  ];
  return parts
    .filter(([, what]) => what.length > 0)
    .map(([subject, what]) => ({ kind: "changed", subject, handle: null, what }));
}

function hierarchyDifferences(before: TpmHierarchy, after: TpmHierarchy): string[] {
  return [
    ...changed("authorization set", yesNo(before.authSet), yesNo(after.authSet)),
    ...(sameOrNull(before.policy, after.policy) ? [] : ["policy"]),
  ];
}

function changed(what: string, before: string, after: string): string[] {
  return before === after ? [] : [`${what} ${before} -> ${after}`];
}

const yesNo = (value: boolean) => (value ? "yes" : "no");

function sameOrNull(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : sameBytes(a, b);
}
