/** Names that end in a number: Boot000A and its kin (UEFI 2.10, section 3.1.1). */

import { checkText, checkWhole, oneOf } from "../../arguments/index.ts";

/** What may stand before the four hex digits of a load option. */
export const loadOptionGroups = ["Boot", "Driver", "SysPrep", "PlatformRecovery"] as const;
/** What stands before the four hex digits in the name of a load option (UEFI 2.10, section 3.1.3). */
export type LoadOptionGroup = (typeof loadOptionGroups)[number];

/** A load option's name, taken apart. */
export interface NumberedName {
  readonly group: LoadOptionGroup;
  /** 0 to 0xffff. */
  readonly number: number;
}

const NUMBERED = new RegExp(`^(${loadOptionGroups.join("|")})([0-9A-Fa-f]{4})$`);

/** The group and number of a load option's name, or null. Hex digits count in either case. */
export function parseNumberedName(name: string): NumberedName | null {
  checkText(name, "name");
  const match = NUMBERED.exec(name);
  if (match === null) return null;
  return { group: match[1] as LoadOptionGroup, number: Number.parseInt(match[2] ?? "", 16) };
}

/** `000A`: four upper-case hex digits, as the specification spells them. */
export function optionNumber(number: number): string {
  checkWhole(number, "number");
  return number.toString(16).toUpperCase().padStart(4, "0");
}

const checkGroup = oneOf(loadOptionGroups);

/** `Boot000A`: the specification's spelling. */
export function numberedName(group: LoadOptionGroup, number: number): string {
  checkGroup(group, "group");
  checkWhole(number, "number");
  return `${group}${optionNumber(number)}`;
}
