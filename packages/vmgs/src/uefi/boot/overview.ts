/** What firmware would try to boot, in its order (UEFI 2.10, section 3.1). */

import { VmgsError } from "../../errors/index.ts";
import { devicePathText } from "../device-path/index.ts";
import {
  isActive,
  isHidden,
  type LoadOption,
  type LoadOptionCategory,
  loadOptionCategory,
  numberedName,
  optionNumber,
  type VariableValue,
  variableValue,
} from "../values/index.ts";
import type { Variable, VariableList } from "../variables/index.ts";
import { checkVariableList } from "../variables/list.ts";
import { type BootVariable, bootVariables, bootVariablesByNumber, globalVariable } from "./boot-variables.ts";

/** Why an option is in the overview: BootNext is tried first and once, BootOrder then; others are never tried. */
export type BootSource = "bootNext" | "bootOrder" | "unlisted";

/** One option. All text is untrusted. */
export interface BootEntry {
  readonly number: number;
  /** Name of the variable as it is stored; when it is missing, as the specification spells it. */
  readonly name: string;
  readonly source: BootSource;
  /** The option; null when the variable is missing or can't be read. */
  readonly option: LoadOption | null;
  /** Text of the first device path, or null. */
  readonly devicePath: string | null;
  /** Named in BootNext or BootOrder, but there is no such variable. */
  readonly dangling: boolean;
  /** Not active: firmware skips it. */
  readonly disabled: boolean;
  /** Category of the option; null when the option can't be read. */
  readonly category: LoadOptionCategory | null;
  /** Firmware tries it by itself: it is in the order, can be read, is active, and of category `boot` or in BootNext. */
  readonly tried: boolean;
  readonly hidden: boolean;
  /** Another variable of the same number, in upper case, is the one that firmware reads. */
  readonly shadowed: boolean;
  /** Why the option, or its first device path, can't be read; or null. */
  readonly error: VmgsError | null;
}

/** What firmware would try to boot, in its order. */
export interface BootOverview {
  /** Number in BootNext, or null. */
  readonly bootNext: number | null;
  /** Numbers in BootOrder; null when there is no such variable or it can't be read. */
  readonly bootOrder: readonly number[] | null;
  /** Seconds in Timeout; 0xffff = wait for ever; null when it is not set. */
  readonly timeout: number | null;
  /** In the order in which they would be tried, then those that are not in the order. */
  readonly entries: readonly BootEntry[];
  /** BootNext, BootOrder and Timeout that can't be read. */
  readonly errors: readonly VmgsError[];
}

/** Lists what would be booted. Never throws for bad data. */
export function bootOverview(list: VariableList): BootOverview {
  checkVariableList(list, "list");
  const errors: VmgsError[] = [];
  const read = <K extends VariableValue["kind"]>(name: string, kind: K) => {
    const variable = globalVariable(list, name);
    const value = variable === null ? null : variableValue(variable);
    if (value?.kind === "raw" && value.error !== null) errors.push(value.error);
    return value?.kind === kind ? (value as Extract<VariableValue, { kind: K }>) : null;
  };
  const bootNext = read("BootNext", "number")?.value ?? null;
  const order = read("BootOrder", "optionNumbers")?.numbers ?? null;
  const timeout = read("Timeout", "number")?.value ?? null;

  const all = bootVariables(list);
  const byNumber = bootVariablesByNumber(all);
  // BootOrder can name an option thousands of times; each is read once.
  const described = new Map(all.map((candidate) => [candidate.variable, describe(candidate, byNumber)]));
  const listed = new Set<Variable>();
  const entryOf = (number: number, source: Exclude<BootSource, "unlisted">): BootEntry => {
    const variable = byNumber.get(number);
    const entry = variable === undefined ? undefined : described.get(variable);
    if (variable !== undefined) listed.add(variable);
    return asListed(entry ?? danglingEntry(number), source);
  };
  const tried = [
    ...(bootNext === null ? [] : [entryOf(bootNext, "bootNext")]),
    ...(order ?? []).map((number) => entryOf(number, "bootOrder")),
  ];
  const unlisted = [...described].filter(([variable]) => !listed.has(variable)).map(([, entry]) => entry);
  return { bootNext, bootOrder: order, timeout, entries: [...tried, ...unlisted], errors };
}

/** An option that BootNext names was chosen on purpose, so its category does not matter. */
function asListed(entry: BootEntry, source: Exclude<BootSource, "unlisted">): BootEntry {
  const usable = entry.option !== null && entry.error === null && !entry.disabled;
  return { ...entry, source, tried: usable && (source === "bootNext" || entry.category === "boot") };
}

function danglingEntry(number: number): BootEntry {
  return {
    number,
    name: numberedName("Boot", number),
    source: "unlisted",
    option: null,
    devicePath: null,
    dangling: true,
    disabled: false,
    category: null,
    tried: false,
    hidden: false,
    shadowed: false,
    error: null,
  };
}

function describe({ number, variable }: BootVariable, byNumber: ReadonlyMap<number, Variable>): BootEntry {
  const value = variableValue(variable);
  const option = value.kind === "loadOption" ? value.option : null;
  const path = option?.paths[0];
  return {
    number,
    name: variable.name,
    source: "unlisted",
    option,
    devicePath: path === undefined ? null : devicePathText(path),
    dangling: false,
    disabled: option !== null && !isActive(option),
    category: option === null ? null : loadOptionCategory(option),
    tried: false,
    hidden: option !== null && isHidden(option),
    shadowed: byNumber.get(number) !== variable,
    error: value.kind === "raw" ? value.error : pathError(number, option),
  };
}

/** Firmware starts what the first path names; bytes after it that can't be read do not matter to it. */
function pathError(number: number, option: LoadOption | null): VmgsError | null {
  const cause = option?.pathProblem;
  if (cause === null || cause === undefined || (option?.paths.length ?? 0) > 0) return null;
  const message = `Boot${optionNumber(number)}: ${cause.message}`;
  return new VmgsError("VMGS_UEFI_VALUE", message, cause.facts, { cause });
}
