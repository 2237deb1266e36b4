/** What was done with variables, in words that begin with a past participle: `set BootNext of ...`. */

import {
  checkFlag,
  checkInteger,
  checkList,
  checkText,
  checkWhole,
  eachOf,
  having,
} from "../../arguments/index.ts";
import {
  encodeVariableList,
  type GivenForm,
  keyText,
  listOf,
  numberedName,
  type Variable,
  type VariableKey,
  type VariableList,
  variableValue,
} from "../../uefi/index.ts";
import { checkKey, checkVariableList, checkVariables } from "../uefi-checks.ts";
import { clip, formatCount } from "./sizes.ts";
import { loadOptionMarks, shortText, someNames, variableWords, vendorWord } from "./uefi-values.ts";

const nameOf = ({ name, vendor }: VariableKey) => `${shortText(name)} of ${vendorWord(vendor)}`;

/** Characters of an old or new value in a message. */
const MOST_VALUE = 80;

/** `removed BootOrder, Boot0000`; as many names as a machine has boot options. */
export function bootResetWords(removed: readonly Variable[]): string {
  checkVariables(removed, "removed");
  const names = removed.map(({ name }) => shortText(name));
  return names.length === 0
    ? "removed nothing: there are no boot options"
    : `removed ${someNames(names, 20)}`;
}

/** `removed BootNext of EFI_GLOBAL_VARIABLE (was 0002)`. */
export function removedWords(list: VariableList, keys: readonly VariableKey[]): string {
  checkVariableList(list, "list");
  checkList(keys, "keys", checkKey);
  const [only] = keys;
  if (only === undefined) return "removed nothing";
  const old = keys.length === 1 ? find(list, only) : undefined;
  const was = old === undefined ? "" : ` (was ${shownValue(old)})`;
  return `removed ${someNames(keys.map(nameOf))}${was}`;
}

const checkForms = eachOf(checkText);
const checkAppended = having("bytes", "known", "forms");

/** `set BootNext of EFI_GLOBAL_VARIABLE: 0001 -> 0002`. */
export function setWords(
  before: VariableList,
  after: VariableList,
  key: VariableKey,
  forms: readonly GivenForm[] = [],
): string {
  checkVariableList(before, "before");
  checkVariableList(after, "after");
  checkKey(key, "key");
  checkForms(forms, "forms");
  return `set ${nameOf(key)}${changeOf(find(before, key), find(after, key))}${formWords(forms)}`;
}

/** `appended 1524 bytes to db of EFI_IMAGE_SECURITY_DATABASE: 1 certificate -> 2 certificates`. */
export function appendedWords(
  before: VariableList,
  after: VariableList,
  key: VariableKey,
  appended: { readonly bytes: number; readonly known: number; readonly forms: readonly GivenForm[] },
): string {
  checkVariableList(before, "before");
  checkVariableList(after, "after");
  checkKey(key, "key");
  checkAppended(appended, "appended");
  const { bytes, known, forms } = appended;
  const there =
    known === 0 ? "" : `, ${known === 1 ? "1 signature is" : `${known} signatures are`} there already`;
  const change = bytes === 0 ? "" : changeOf(find(before, key), find(after, key));
  return `appended ${formatCount(bytes, "byte")} to ${nameOf(key)}${change}${formWords(forms)}${there}`;
}

/** `disabled Boot0001 "Network", Boot0002 "ubuntu"`. */
export function bootEntriesWords(list: VariableList, numbers: readonly number[], enable: boolean): string {
  checkVariableList(list, "list");
  checkList(numbers, "numbers", checkWhole);
  checkFlag(enable, "enable");
  const names = numbers.map((number) => {
    const name = numberedName("Boot", number);
    const variable = list.variables.find((one) => one.name === name);
    const value = variable === undefined ? null : variableValue(variable);
    return value?.kind === "loadOption" ? `${name} "${shortText(value.option.description)}"` : name;
  });
  return `${enable ? "enabled" : "disabled"} ${someNames(names)}`;
}

const find = ({ variables }: VariableList, key: VariableKey) =>
  variables.find((variable) => keyText(variable) === keyText(key));

/** `: old -> new`; nothing but the new value of a variable that is new. */
function changeOf(old: Variable | undefined, now: Variable | undefined): string {
  if (now === undefined) return "";
  const value = shownValue(now);
  if (old === undefined) return `: ${value}`;
  const was = shownValue(old);
  if (was !== value) return `: ${was} -> ${value}`;
  if (old.attributes !== now.attributes) return `: ${value}, attributes ${hex(old)} -> ${hex(now)}`;
  return `: ${value}, ${formatCount(old.data.length, "byte")} -> ${formatCount(now.data.length, "byte")}`;
}

const hex = ({ attributes }: Variable) => `0x${attributes.toString(16)}`;

/** The value in few words; of a boot option its description and what its attributes say. */
function shownValue(variable: Variable): string {
  const value = variableValue(variable);
  if (value.kind !== "loadOption") return clip(variableWords(variable), MOST_VALUE);
  return `"${shortText(value.option.description)}" (${loadOptionMarks(value.option)})`;
}

/** What was done with bytes that came in a wrapping. */
const FORM_WORDS: Readonly<Record<GivenForm, string>> = {
  authenticated: "without the header of the signed update",
  efivarfs: "without the 4 bytes of attributes of efivarfs",
  der: "the certificate put into a signature list",
  pem: "the certificates in PEM put into signature lists",
};

const formWords = (forms: readonly GivenForm[]) => forms.map((form) => `, ${FORM_WORDS[form]}`).join("");

/** `imported 7 variables: 2 added (A, B), 1 changed (C), 4 as before`. */
export function importedWords(before: VariableList, after: VariableList): string {
  checkVariableList(before, "before");
  checkVariableList(after, "after");
  const [earlier, later] = [byKey(before), byKey(after)];
  const added: string[] = [];
  const changed: string[] = [];
  let unchanged = 0;
  for (const variable of after.variables) {
    const old = earlier.get(keyText(variable));
    if (old === undefined) added.push(shortText(variable.name));
    else if (isSame(old, variable)) unchanged++;
    else changed.push(shortText(variable.name));
  }
  const removed = before.variables
    .filter((variable) => !later.has(keyText(variable)))
    .map(({ name }) => shortText(name));
  const words = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [`${names.length} ${what} (${someNames(names)})`];
  const parts = [
    ...words(added, "added"),
    ...words(changed, "changed"),
    ...words(removed, "removed"),
    ...(unchanged === 0 ? [] : [`${unchanged} as before`]),
  ];
  const imported = `imported ${formatCount(after.variables.length, "variable")}`;
  return parts.length === 0 ? imported : `${imported}: ${parts.join(", ")}`;
}

/** Of two with the same key the first counts. */
const byKey = ({ variables }: VariableList): ReadonlyMap<string, Variable> =>
  new Map(variables.toReversed().map((variable) => [keyText(variable), variable]));

function isSame(one: Variable, other: Variable): boolean {
  const [a, b] = [one, other].map((variable) => encodeVariableList(listOf([variable])));
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** `, dropped 2 unreadable parts`, to be put after what was done. */
export function droppedWords(parts: number): string {
  checkWhole(parts, "parts");
  return parts === 0 ? "" : `, dropped ${formatCount(parts, "unreadable part")}`;
}

/** What a document with secure boot databases only omits; null for nothing. */
export function omittedVariables(count: number): string | null {
  checkInteger(count, "count");
  if (count <= 0) return null;
  return `omitted ${formatCount(count, "variable")}: the document holds secure boot databases only`;
}

/** What a document of variables only omits; null for nothing. */
export function omittedUnreadable(count: number): string | null {
  checkInteger(count, "count");
  if (count <= 0) return null;
  return `omitted ${formatCount(count, "unreadable part")}: the form qemu holds variables only`;
}
