/** Recognising UEFI variables in bytes that no table leads to (spec: uefi-nvram, section 1). */

import { checkBytes } from "../../arguments/index.ts";
import { decode } from "../../layout/index.ts";
import { MAX_DATA_BYTES, MAX_LIST_BYTES, MAX_NAME_BYTES } from "./limits.ts";
import { partSize } from "./list.ts";
import { readVariableList } from "./read-list.ts";
import { VARIABLE_HEADER_SIZE, variableHeader } from "./variable.ts";

/** Why bytes are taken for a list of UEFI variables. */
export interface VariableListEvidence {
  /** Bytes of the variables; the list does not show what follows. */
  readonly bytes: number;
  readonly variables: number;
  readonly evidence: readonly string[];
}

const NON_VOLATILE = 1;
const NAMES_TOLD = 3;

/** True when an entry may begin at `offset`: its type is 0, and its lengths agree. Spares the rest of the work. */
export function mayBeVariableList(bytes: Uint8Array, offset = 0): boolean {
  if (bytes.length - offset < VARIABLE_HEADER_SIZE) return false;
  for (let at = offset; at < offset + 4; at++) if (bytes[at] !== 0) return false;
  // Lengths above 24 bits do not occur; most bytes are ruled out here.
  if (bytes[offset + 4] === 0 && bytes[offset + 5] === 0) return false;
  if (bytes[offset + 7] !== 0) return false;
  const { length, attributes, nameLength, dataLength } = decode(variableHeader, bytes, offset);
  return (
    nameLength > 2 &&
    nameLength <= MAX_NAME_BYTES &&
    dataLength <= MAX_DATA_BYTES &&
    length === VARIABLE_HEADER_SIZE + nameLength + dataLength &&
    (attributes & NON_VOLATILE) !== 0
  );
}

/** Why a piece of a list is taken for one, or null: an entry anywhere in the bytes. */
export function recogniseVariablePiece(bytes: Uint8Array): VariableListEvidence | null {
  checkBytes(bytes, "bytes");
  const last = bytes.length - VARIABLE_HEADER_SIZE;
  for (let at = 0; at <= last; at++) {
    if (bytes[at] !== 0 || !mayBeVariableList(bytes, at)) continue;
    const found = recogniseVariableList(bytes.subarray(at));
    if (found !== null) return found;
  }
  return null;
}

/** Whether bytes begin with a list of UEFI variables: as far as whole entries follow each other. */
export function recogniseVariableList(bytes: Uint8Array): VariableListEvidence | null {
  checkBytes(bytes, "bytes");
  if (!mayBeVariableList(bytes)) return null;
  const { parts } = readVariableList(bytes.subarray(0, MAX_LIST_BYTES));
  const names: string[] = [];
  let length = 0;
  for (const part of parts) {
    if (part.kind !== "variable" || part.variable.name === "") break;
    names.push(part.variable.name);
    length += partSize(part);
  }
  if (names.length === 0) return null;
  const some = names.slice(0, NAMES_TOLD).join(", ");
  const more = names.length > NAMES_TOLD ? ", ..." : "";
  const count = names.length === 1 ? "1 whole UEFI variable" : `${names.length} whole UEFI variables`;
  return { bytes: length, variables: names.length, evidence: [`${count} in a row: ${some}${more}`] };
}
