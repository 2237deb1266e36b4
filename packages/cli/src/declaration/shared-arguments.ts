/** Arguments that mean the same in every command. */

import { fileRoles } from "vmgskit";
import type { ArgumentDeclaration, Suggestion } from "./command.ts";

export const storeArgument: ArgumentDeclaration = { name: "FILE", meaning: "the VMGS file", required: true };

export const storesArgument: ArgumentDeclaration = {
  name: "FILE",
  meaning: "one or more VMGS files",
  required: true,
  many: true,
};

/** The names that a user's file can have. */
export function fileIdSuggestions(): Suggestion[] {
  return fileRoles
    .filter(({ own }) => !own)
    .map(({ name, id }) => ({ value: name ?? String(id), meaning: `file ${id}` }));
}

/** A file in the store. */
export function fileIdArgument(
  name = "ID",
  meaning = "file in the store: a name, decimal or 0x hexadecimal",
): ArgumentDeclaration {
  return { name, meaning, required: true, complete: fileIdSuggestions };
}
