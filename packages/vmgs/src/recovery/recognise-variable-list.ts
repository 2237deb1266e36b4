/** UEFI variable lists in blocks that nobody owns (spec: uefi-nvram, section 1). */

import { checkBytes } from "../arguments/index.ts";
import { isAllZero } from "../format/index.ts";
import { decode } from "../layout/index.ts";
import {
  MAX_DATA_BYTES,
  MAX_LIST_BYTES,
  MAX_NAME_BYTES,
  partSize,
  readVariableList,
  VARIABLE_HEADER_SIZE,
  variableHeader,
} from "../uefi/index.ts";

/** Why bytes are taken for a list of UEFI variables. */
export interface VariableListEvidence {
  /** Bytes of the variables; what lies behind can't be told from the list. */
  readonly bytes: number;
  readonly variables: number;
  readonly evidence: readonly string[];
}

/** Bytes of the header type, which is 0. */
const HEADER_TYPE_SIZE = variableHeader.offsets.length;
const NON_VOLATILE = 1;
const NAMES_TOLD = 3;

/** True when a block may begin a list: the lengths of its first entry agree. Spares the rest of the work. */
export function mayBeVariableList(block: Uint8Array): boolean {
  if (block.length < VARIABLE_HEADER_SIZE || !isAllZero(block, 0, HEADER_TYPE_SIZE)) return false;
  const { length, attributes, nameLength, dataLength } = decode(variableHeader, block);
  return (
    nameLength > 2 &&
    nameLength <= MAX_NAME_BYTES &&
    dataLength <= MAX_DATA_BYTES &&
    length === VARIABLE_HEADER_SIZE + nameLength + dataLength &&
    (attributes & NON_VOLATILE) !== 0
  );
}

/** Tells whether bytes begin with a list of UEFI variables: as far as whole entries follow each other. */
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
