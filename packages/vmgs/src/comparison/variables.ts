/** What became of UEFI variables from one list to another. Values are compared, never shown. */

import { checkObject } from "../arguments/index.ts";
import { keyText, type Variable, type VariableList, variableAttributes } from "../uefi/index.ts";
import { sameBytes } from "./tables.ts";

/** A UEFI variable that differs, without its value. */
export interface VariableChange {
  readonly kind: "came" | "went" | "changed";
  readonly vendor: string;
  /** Untrusted text. */
  readonly name: string;
  /** What is different, one phrase each; empty for one that came or went. */
  readonly what: readonly string[];
  /** Bytes of the data; null where the variable is not there. */
  readonly bytesBefore: number | null;
  readonly bytesAfter: number | null;
}

/** Compares by vendor and name, both exactly; in the order of the lists. A name that comes twice counts once, as for firmware. */
export function compareVariables(before: VariableList, after: VariableList): VariableChange[] {
  checkObject(before, "before", "parts", "variables");
  checkObject(after, "after", "parts", "variables");
  const old = firstOfEach(before.variables);
  const now = firstOfEach(after.variables);
  const changes: VariableChange[] = [];
  for (const [key, variable] of now) {
    const match = old.get(key);
    const what = match === undefined ? [] : differences(match, variable);
    if (match !== undefined && what.length === 0) continue;
    changes.push(change(match === undefined ? "came" : "changed", match ?? null, variable, what));
  }
  for (const [key, variable] of old) {
    if (!now.has(key)) changes.push(change("went", variable, null, []));
  }
  return changes;
}

function firstOfEach(variables: readonly Variable[]): ReadonlyMap<string, Variable> {
  const first = new Map<string, Variable>();
  for (const variable of variables) {
    const key = keyText(variable);
    if (!first.has(key)) first.set(key, variable);
  }
  return first;
}

function differences(before: Variable, after: Variable): string[] {
  const what: string[] = [];
  if (!sameBytes(before.data, after.data)) what.push("data");
  if (before.attributes !== after.attributes) {
    const [from, to] = [before, after].map(({ attributes }) => variableAttributes.words(attributes));
    what.push(`attributes ${from} -> ${to}`);
  }
  if (JSON.stringify(before.timestamp) !== JSON.stringify(after.timestamp)) what.push("time stamp");
  return what;
}

function change(
  kind: VariableChange["kind"],
  before: Variable | null,
  after: Variable | null,
  what: readonly string[],
): VariableChange {
  const { vendor, name } = (after ?? before) as Variable;
  const [bytesBefore, bytesAfter] = [before?.data.length ?? null, after?.data.length ?? null];
  return { kind, vendor, name, what, bytesBefore, bytesAfter };
}
