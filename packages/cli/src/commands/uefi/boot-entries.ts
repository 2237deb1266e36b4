/** Boot options as they are named on the command line. */

import { findBootOptions, numberedName, type VariableList } from "vmgskit/uefi";
import type { ArgumentDeclaration, OptionDeclaration } from "../../declaration/index.ts";
import { NotFoundError, UsageError } from "../../exit-codes.ts";

export const entryArgument: ArgumentDeclaration = {
  name: "ENTRY",
  meaning: "boot option: 000A, Boot000A, or its description",
  required: true,
  complete: () => [],
};

/** For what puts options into the order. */
export const FIRST_OPTION: OptionDeclaration = {
  flags: "--first",
  meaning: "put the options at the start of the boot order, before those that are in it",
};

/** The number of the one boot option that is meant. */
export function bootEntry(list: VariableList, text: string): number {
  const found = findBootOptions(list, text);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const what = JSON.stringify(text);
  if (only === undefined) {
    throw new NotFoundError(`there is no boot option ${what}`, "`vmgs uefi boot FILE` lists them");
  }
  const names = found.map((number) => numberedName("Boot", number)).join(", ");
  throw new UsageError(`several boot options are called ${what}`, `name one by its number: ${names}`);
}
