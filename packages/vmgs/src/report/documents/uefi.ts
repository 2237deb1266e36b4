/** `vmgs.uefi-list/1`, `vmgs.uefi-show/1`, `vmgs.uefi-boot/1` and `vmgs.uefi-secure-boot/1`. */

import { checkDate } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import {
  type BootEntry,
  type BootOverview,
  MAX_LIST_BYTES,
  optionNumber,
  type SecureBootDatabase,
  type SecureBootState,
  type SignatureDatabase,
  secureBootDatabases,
  type Variable,
  type VariableList,
} from "../../uefi/index.ts";
import { checkOverview, checkSecureBootState, checkVariables, checkVariablesOf } from "../uefi-checks.ts";
import { bootWarnings, secureBootWarnings } from "../words/uefi-warnings.ts";
import { type Problem, problemOf } from "./problem.ts";
import {
  type OptionNumber,
  type ShownLoadOption,
  type ShownSignature,
  shownLoadOption,
  shownSignature,
  type UnreadableVariables,
  unreadableVariables,
  type VariableFacts,
  type VariableWithValue,
  variableFacts,
  variableWithValue,
} from "./uefi-value.ts";

/** A list of variables, and where it was read. */
export interface VariablesOf {
  /** What was read, as the caller named it. */
  readonly file: string;
  /** File of the store: 1 BIOS_NVRAM, 9 CUSTOM_UEFI; null outside a store, and in a version 1 file. */
  readonly fileId: number | null;
  readonly list: VariableList;
  /** Notices about opening the store. */
  readonly warnings: readonly Warning[];
}

/** What all documents about a list of variables have. */
export interface VariablesDocumentBase {
  /** What was read, as the caller named it. */
  readonly file: string;
  /** File of the store: 1 BIOS_NVRAM, 9 CUSTOM_UEFI; null outside a store, and in a version 1 file. */
  readonly fileId: number | null;
  /** Parts of the list that can't be read. */
  readonly unreadable: readonly UnreadableVariables[];
  /** Notices that did not stop the work. */
  readonly warnings: readonly Warning[];
}

const baseOf = ({ file, fileId, list, warnings }: VariablesOf, own: readonly Warning[] = []) => ({
  file,
  fileId,
  unreadable: unreadableVariables(list),
  warnings: [...warnings, ...own],
});

/** The UEFI variables of a store. */
export interface UefiListDocument extends VariablesDocumentBase {
  readonly schema: "vmgs.uefi-list/1";
  /** Bytes of the list. */
  readonly bytes: number;
  /** Bytes up to the limit of 131072, which the list must stay below. */
  readonly bytesLeft: number;
  readonly variables: readonly ListedVariable[];
}

/** A variable without its value. */
export interface ListedVariable extends VariableFacts {
  /** Bytes of the value. */
  readonly bytes: number;
}

/** What is reported of a list; `shown` are the variables that were asked for. */
export function uefiListDocument(of: VariablesOf, shown: readonly Variable[]): UefiListDocument {
  checkVariablesOf(of, "of");
  checkVariables(shown, "shown");
  const { byteLength } = of.list;
  return {
    schema: "vmgs.uefi-list/1",
    ...baseOf(of),
    bytes: byteLength,
    bytesLeft: Math.max(0, MAX_LIST_BYTES - byteLength),
    variables: shown.map((variable) => ({ ...variableFacts(variable), bytes: variable.data.length })),
  };
}

/** UEFI variables of one name. */
export interface UefiShowDocument extends VariablesDocumentBase {
  readonly schema: "vmgs.uefi-show/1";
  readonly variables: readonly VariableWithValue[];
}

/** What is reported of variables; certificates are judged at `now`. */
export async function uefiShowDocument(
  of: VariablesOf,
  shown: readonly Variable[],
  now: Date,
): Promise<UefiShowDocument> {
  checkVariablesOf(of, "of");
  checkVariables(shown, "shown");
  checkDate(now, "now");
  const variables = await Promise.all(shown.map((variable) => variableWithValue(variable, now)));
  return { schema: "vmgs.uefi-show/1", ...baseOf(of), variables };
}

/** What firmware would boot. */
export interface UefiBootDocument extends VariablesDocumentBase {
  readonly schema: "vmgs.uefi-boot/1";
  /** Number that is tried first, once. */
  readonly bootNext: OptionNumber | null;
  /** Null when there is none or it can't be read. */
  readonly bootOrder: readonly OptionNumber[] | null;
  /** Seconds; 65535 = wait for ever. */
  readonly timeout: number | null;
  /** In the order in which they would be tried, then those that are not in the order. */
  readonly entries: readonly ShownBootEntry[];
  /** BootNext, BootOrder and Timeout that can't be read. */
  readonly errors: readonly Problem[];
}

/** A boot option in its place. */
export interface ShownBootEntry extends Omit<BootEntry, "number" | "option" | "error"> {
  readonly number: OptionNumber;
  readonly option: ShownLoadOption | null;
  readonly error: Problem | null;
}

/** What is reported of the boot options. */
export function uefiBootDocument(of: VariablesOf, overview: BootOverview): UefiBootDocument {
  checkVariablesOf(of, "of");
  checkOverview(overview, "overview");
  const { bootNext, bootOrder, timeout, entries, errors } = overview;
  return {
    schema: "vmgs.uefi-boot/1",
    ...baseOf(of, bootWarnings(overview)),
    bootNext: bootNext === null ? null : optionNumber(bootNext),
    bootOrder: bootOrder?.map(optionNumber) ?? null,
    timeout,
    entries: entries.map(({ number, option, error, ...marks }) => ({
      ...marks,
      number: optionNumber(number),
      option: option === null ? null : shownLoadOption(option),
      error: problemOf(error),
    })),
    errors: errors.flatMap((error) => problemOf(error) ?? []),
  };
}

/** The secure boot state. */
export interface UefiSecureBootDocument
  extends VariablesDocumentBase,
    Omit<SecureBootState, "outOfDate" | "databases" | "revoked"> {
  readonly schema: "vmgs.uefi-secure-boot/1";
  /**
   * The moment that validity is judged by.
   *
   * @pattern ^\d{4}-\d\d-\d\dT[\d:.]+Z$
   */
  readonly at: string;
  /** Entries of db that dbx has as well: they do not count. */
  readonly revoked: readonly ShownSignature[];
  readonly databases: Readonly<Record<SecureBootDatabase, ShownDatabase | null>>;
}

/** A signature database. */
export interface ShownDatabase extends Omit<SignatureDatabase, "entries" | "error"> {
  readonly entries: readonly ShownSignature[];
  /** Set when it could be read in part only. */
  readonly error: Problem | null;
}

/** What is reported of secure boot at a moment. */
export function uefiSecureBootDocument(
  of: VariablesOf,
  state: SecureBootState,
  now: Date,
): UefiSecureBootDocument {
  checkVariablesOf(of, "of");
  checkSecureBootState(state, "state");
  checkDate(now, "now");
  const { databases, outOfDate: _, revoked, ...facts } = state;
  const shown = secureBootDatabases.map((name) => [name, shownDatabase(databases[name])]);
  return {
    schema: "vmgs.uefi-secure-boot/1",
    ...baseOf(of, secureBootWarnings(state, now)),
    at: now.toISOString(),
    ...facts,
    revoked: revoked.map(shownSignature),
    databases: Object.fromEntries(shown) as UefiSecureBootDocument["databases"],
  };
}

function shownDatabase(database: SignatureDatabase | null): ShownDatabase | null {
  if (database === null) return null;
  const { entries, error, ...counts } = database;
  return { ...counts, entries: entries.map(shownSignature), error: problemOf(error) };
}
