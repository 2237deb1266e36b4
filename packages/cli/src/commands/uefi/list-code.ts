import type { VariableList } from "vmgskit/uefi";
import { ExitCode } from "../../exit-codes.ts";

/** 3 when something could not be read, else 0. */
export function codeFor(list: VariableList, ...errors: readonly unknown[]): number {
  const sound = list.problems.length === 0 && errors.every((error) => error === null);
  return sound ? ExitCode.done : ExitCode.foundBad;
}
