/** The variable list: an immutable value that knows every byte it was read from. */

import { type Check, checkList, checkObject, having } from "../../arguments/index.ts";
import { hexNumber } from "../../layout/index.ts";
import { MAX_LIST_BYTES } from "./limits.ts";
import type { ListProblem } from "./problem.ts";
import { encodeEntry, entrySize, type Variable } from "./variable.ts";

/** A variable in its place. */
export interface VariablePart {
  readonly kind: "variable";
  readonly variable: Variable;
}

/** Bytes that could not be read, kept in their place. */
export interface UnreadablePart {
  readonly kind: "unreadable";
  readonly bytes: Uint8Array;
  readonly problem: ListProblem;
  /** True when an option of the reader allows skipping this: it is then no problem of the list. */
  readonly skipped: boolean;
}

/** A part of the list in its place: a variable, or bytes that can't be read. */
export type ListPart = VariablePart | UnreadablePart;

/** What BIOS_NVRAM (file 1) holds. Made by `readVariableList`, `listOf` and the functions that change a list. */
export interface VariableList {
  /** Everything in the order of the file. */
  readonly parts: readonly ListPart[];
  /** The variables, in the order of the file. */
  readonly variables: readonly Variable[];
  /** What is wrong, in the order of the file. */
  readonly problems: readonly ListProblem[];
  /** Bytes of the file. */
  readonly byteLength: number;
  /** True when it looks like noise: the file is probably encrypted and was read without its key. */
  readonly probablyLocked: boolean;
}

export const checkVariableList: Check = having("parts", "variables");

/** Makes a list of its parts. Offsets of problems are set to where the parts now lie. */
export function makeList(parts: readonly ListPart[], probablyLocked = false): VariableList {
  const placed: ListPart[] = [];
  const variables: Variable[] = [];
  const problems: ListProblem[] = [];
  let offset = 0;
  for (const part of parts) {
    if (part.kind === "variable") {
      placed.push(part);
      variables.push(part.variable);
    } else {
      const problem = { ...part.problem, offset };
      placed.push({ ...part, problem });
      if (!part.skipped) problems.push(problem);
    }
    offset += partSize(part);
  }
  if (offset > MAX_LIST_BYTES) problems.unshift(tooLarge(offset));
  return { parts: placed, variables, problems, byteLength: offset, probablyLocked };
}

/** A list of these variables, in this order. Limits are not checked; a name that comes twice stays twice. */
export function listOf(variables: readonly Variable[]): VariableList {
  checkList(variables, "variables");
  return makeList(variables.map((variable) => ({ kind: "variable", variable })));
}

/** A list without variables: an empty file. */
export const emptyVariableList: VariableList = listOf([]);

/** Bytes of one part. */
export function partSize(part: ListPart): number {
  checkObject(part, "part", "kind");
  return part.kind === "variable" ? entrySize(part.variable) : part.bytes.length;
}

/** The bytes of the list. A list that was read and not changed gives exactly the bytes it was read from. */
export function encodeVariableList(list: VariableList): Uint8Array<ArrayBuffer> {
  checkVariableList(list, "list");
  const bytes = new Uint8Array(list.byteLength);
  let offset = 0;
  for (const part of list.parts) {
    bytes.set(part.kind === "variable" ? encodeEntry(part.variable) : part.bytes, offset);
    offset += partSize(part);
  }
  return bytes;
}

/** The list without the parts that can't be read. Their bytes are lost when it is written. */
export function dropUnreadable(list: VariableList): VariableList {
  checkVariableList(list, "list");
  return makeList(list.parts.filter(({ kind }) => kind === "variable"));
}

function tooLarge(byteLength: number): ListProblem {
  return {
    id: "file-too-large",
    offset: MAX_LIST_BYTES,
    message: `the list has ${byteLength} bytes (${hexNumber(byteLength)}), at most ${MAX_LIST_BYTES} are allowed`,
    name: null,
  };
}
