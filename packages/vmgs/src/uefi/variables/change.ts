/** Looking up and changing variables (spec: uefi-nvram, section 1, store semantics). All functions are pure. */

import {
  checkBytes,
  checkList,
  checkNumber,
  checkObject,
  checkText,
  having,
  optional,
  withMembers,
} from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { copyBytes, decode, encode, guid, LayoutError } from "../../layout/index.ts";
import { variableAttributes } from "./attributes.ts";
import { type EfiTime, zeroEfiTime } from "./efi-time.ts";
import { MAX_DATA_BYTES, MAX_LIST_BYTES, MAX_NAME_BYTES } from "./limits.ts";
import { checkVariableList, type ListPart, makeList, type VariableList } from "./list.ts";
import { problemError } from "./problem.ts";
import {
  checkVariableKey,
  isSameKey,
  keyText,
  nameSize,
  type Variable,
  type VariableKey,
} from "./variable.ts";

/** A variable to be stored. */
export interface NewVariable extends VariableKey {
  readonly attributes: number;
  /** At least one byte: storing nothing is what `removeVariable` is for. */
  readonly data: Uint8Array;
  /** Kept from the variable that is replaced when missing, else all zero. */
  readonly timestamp?: EfiTime;
}

/** What is appended to the data of a variable. */
export interface Appendix extends VariableKey {
  readonly data: Uint8Array;
  /** Replaces the time of the variable. */
  readonly timestamp?: EfiTime;
}

/** The variable, or null. Of two with the same key the first counts. */
export function getVariable(list: VariableList, key: VariableKey): Variable | null {
  checkVariableList(list, "list");
  checkVariableKey(key, "key");
  const wanted = normalised(key);
  return list.variables.find((variable) => isSameKey(variable, wanted)) ?? null;
}

/**
 * The variable after the given one, or the first for null; null at the end.
 *
 * @throws VmgsError VMGS_UEFI_VARIABLE_NOT_FOUND
 */
export function nextVariable(list: VariableList, after: VariableKey | null): Variable | null {
  checkVariableList(list, "list");
  if (after !== null) checkVariableKey(after, "after");
  if (after === null) return list.variables[0] ?? null;
  const wanted = normalised(after);
  const index = list.variables.findIndex((variable) => isSameKey(variable, wanted));
  if (index < 0) throw notFound(wanted);
  return list.variables[index + 1] ?? null;
}

const appendixChecks = {
  vendor: checkText,
  name: checkText,
  data: checkBytes,
  timestamp: optional(having()),
};
const checkAppendix = withMembers(appendixChecks);
const checkNewVariable = withMembers({ ...appendixChecks, attributes: checkNumber });

/**
 * Stores a variable: it replaces the one with the same key, else goes to the end. Further copies of the key are removed.
 *
 * @throws VmgsError VMGS_UEFI_VARIABLE_INVALID, VMGS_UEFI_NAME_TOO_LONG, VMGS_UEFI_DATA_TOO_LONG,
 * VMGS_UEFI_OUT_OF_SPACE, VMGS_UEFI_LIST_DAMAGED
 */
export function setVariable(list: VariableList, given: NewVariable): VariableList {
  checkVariableList(list, "list");
  checkNewVariable(given, "given");
  return store(list, [given], (_, check) => check());
}

/**
 * Stores variables, each as `setVariable` does, in one pass over the list. Of two with the same key the last counts.
 *
 * @throws VmgsError as `setVariable` does; the message names the variable
 */
export function setVariables(list: VariableList, given: readonly NewVariable[]): VariableList {
  checkVariableList(list, "list");
  checkList(given, "given", checkNewVariable);
  return store(list, given, named);
}

function store(
  list: VariableList,
  given: readonly NewVariable[],
  about: (name: string, check: () => void) => void,
): VariableList {
  checkChangeable(list);
  const wanted = new Map<string, NewVariable>();
  for (const one of given) {
    const key = normalised(one);
    about(key.name, () => {
      checkName(key.name);
      checkAttributes(one.attributes);
      checkData(one.data);
    });
    wanted.set(keyText(key), { ...one, ...key });
  }
  const old = new Map<string, Variable>();
  for (const variable of list.variables) {
    const text = keyText(variable);
    if (wanted.has(text) && !old.has(text)) old.set(text, variable);
  }
  const changed = [...wanted].map(([text, { vendor, name, attributes, timestamp, data }]) => ({
    vendor,
    name,
    attributes,
    timestamp: timestamp ?? old.get(text)?.timestamp ?? zeroEfiTime,
    data: copyBytes(data),
    namePadding: new Uint8Array(0),
  }));
  return withSpace(replace(list, changed));
}

/**
 * Appends bytes to the data of an existing variable. Attributes stay.
 *
 * @throws VmgsError VMGS_UEFI_VARIABLE_NOT_FOUND, VMGS_UEFI_DATA_TOO_LONG, VMGS_UEFI_OUT_OF_SPACE,
 * VMGS_UEFI_LIST_DAMAGED
 */
export function appendVariable(list: VariableList, given: Appendix): VariableList {
  checkVariableList(list, "list");
  checkAppendix(given, "given");
  checkChangeable(list);
  const old = getVariable(list, given);
  if (old === null) throw notFound(given);
  const data = new Uint8Array(old.data.length + given.data.length);
  data.set(old.data);
  data.set(given.data, old.data.length);
  checkData(data);
  return withSpace(replace(list, [{ ...old, data, timestamp: given.timestamp ?? old.timestamp }]));
}

/**
 * Removes a variable, and further copies of its key.
 *
 * @throws VmgsError VMGS_UEFI_VARIABLE_NOT_FOUND, VMGS_UEFI_LIST_DAMAGED
 */
export function removeVariable(list: VariableList, key: VariableKey): VariableList {
  checkVariableList(list, "list");
  checkVariableKey(key, "key");
  if (getVariable(list, key) === null) throw notFound(key);
  return removeVariables(list, [key]);
}

/**
 * Removes all variables with one of the keys; a key without a variable is not an error.
 *
 * @throws VmgsError VMGS_UEFI_LIST_DAMAGED
 */
export function removeVariables(list: VariableList, keys: readonly VariableKey[]): VariableList {
  checkVariableList(list, "list");
  checkList(keys, "keys", checkVariableKey);
  checkChangeable(list);
  const unwanted = new Set(keys.map((key) => keyText(normalised(key))));
  return makeList(
    list.parts.filter((part) => part.kind !== "variable" || !unwanted.has(keyText(part.variable))),
  );
}

/** Each variable replaces the first with its key, or goes to the end; further ones are dropped. */
function replace(list: VariableList, variables: readonly Variable[]): VariableList {
  const wanted = new Map(variables.map((variable) => [keyText(variable), variable]));
  const placed = new Set<string>();
  const parts: ListPart[] = [];
  const place = (text: string, variable: Variable) => {
    if (!placed.has(text)) parts.push({ kind: "variable", variable });
    placed.add(text);
  };
  for (const part of list.parts) {
    const text = part.kind === "variable" ? keyText(part.variable) : null;
    const variable = text === null ? undefined : wanted.get(text);
    if (text === null || variable === undefined) parts.push(part);
    else place(text, variable);
  }
  for (const [text, variable] of wanted) place(text, variable);
  return makeList(parts);
}

function withSpace(list: VariableList): VariableList {
  checkListSpace(list);
  return list;
}

/**
 * Refuses a list that is too large to be written: one of exactly 131072 bytes is, for the reference.
 *
 * @throws VmgsError VMGS_UEFI_OUT_OF_SPACE
 */
export function checkListSpace(list: Pick<VariableList, "byteLength">): void {
  checkObject(list, "list", "byteLength");
  const { byteLength } = list;
  if (byteLength < MAX_LIST_BYTES) return;
  throw new VmgsError(
    "VMGS_UEFI_OUT_OF_SPACE",
    `the variable list would have ${byteLength} bytes, and must have fewer than ${MAX_LIST_BYTES}`,
    { bytes: byteLength, limit: MAX_LIST_BYTES - 1 },
  );
}

/** Of several variables the message must say which one is wrong. */
function named(name: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof VmgsError)) throw error;
    throw new VmgsError(error.code, `${JSON.stringify(name)}: ${error.message}`, error.facts, {
      cause: error,
    });
  }
}

function checkChangeable(list: VariableList): void {
  for (const part of list.parts) {
    if (part.kind !== "unreadable" || part.skipped) continue;
    const cause = problemError(part.problem);
    throw new VmgsError(
      "VMGS_UEFI_LIST_DAMAGED",
      `the variable list can't be changed: ${cause.message}`,
      { offset: part.problem.offset },
      { cause },
    );
  }
}

/** The key with its GUID in the spelling of the list. */
function normalised(key: VariableKey): VariableKey {
  try {
    return { vendor: decode(guid, encode(guid, key.vendor)), name: key.name };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    throw new VmgsError("VMGS_UEFI_VARIABLE_INVALID", "the vendor is not a GUID", {}, { cause });
  }
}

function checkName(name: string): void {
  if (name === "" || name.includes("\0")) {
    throw new VmgsError("VMGS_UEFI_VARIABLE_INVALID", "the name is empty or holds a NUL");
  }
  const size = nameSize(name);
  if (size <= MAX_NAME_BYTES) return;
  throw new VmgsError(
    "VMGS_UEFI_NAME_TOO_LONG",
    `the name has ${size} bytes, at most ${MAX_NAME_BYTES} are allowed`,
    { bytes: size, limit: MAX_NAME_BYTES },
  );
}

function checkAttributes(attributes: number): void {
  const invalid = (message: string) => new VmgsError("VMGS_UEFI_VARIABLE_INVALID", message);
  if (!Number.isInteger(attributes) || attributes < 0 || attributes > 0xffff_ffff) {
    throw invalid("the attributes are not a 32-bit number");
  }
  if (!variableAttributes.has(attributes, "NON_VOLATILE")) {
    throw invalid("the attributes lack NON_VOLATILE: only such variables are stored");
  }
  if (variableAttributes.has(attributes, "APPEND_WRITE")) {
    throw invalid("the attributes have APPEND_WRITE, which is never stored: append instead");
  }
}

function checkData(data: Uint8Array): void {
  if (data.length === 0) {
    throw new VmgsError("VMGS_UEFI_VARIABLE_INVALID", "the data is empty: remove the variable instead");
  }
  if (data.length <= MAX_DATA_BYTES) return;
  throw new VmgsError(
    "VMGS_UEFI_DATA_TOO_LONG",
    `the data has ${data.length} bytes, at most ${MAX_DATA_BYTES} are allowed`,
    { bytes: data.length, limit: MAX_DATA_BYTES },
  );
}

function notFound(key: VariableKey): VmgsError {
  return new VmgsError(
    "VMGS_UEFI_VARIABLE_NOT_FOUND",
    `there is no variable ${JSON.stringify(key.name)} of vendor ${key.vendor}`,
  );
}
