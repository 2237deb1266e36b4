/** The man page `vmgstool(1)`, from the same declarations as the help. */

import { type CommandDeclaration, commandsIn } from "../declaration/index.ts";
import { manPageHeading, manPageOptions, roff } from "../man-pages.ts";
import { loadAll } from "../program.ts";
import { commands } from "./commands/index.ts";
import { VERBOSE_OPTION } from "./options.ts";

const SUMMARY = "read and change VMGS files, as the tool of that name does";

const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "done; query-encryption: encrypted, GspKey"],
  ["1", "any other error"],
  ["2", "the call is wrong; query-encryption: not encrypted"],
  ["3", "the VMGS file is empty: a blank disk, or a file of 0 bytes"],
  ["4", "the store has no such file"],
  ["5", "the disk holds a version 1 store"],
  ["6", "query-encryption: encrypted, GspById"],
  ["7", "query-encryption: encrypted, kind unknown"],
];

export async function toolManPage(): Promise<string> {
  const all = await loadAll(commands);
  const lines = [
    ...manPageHeading("vmgstool", SUMMARY),
    ".SH SYNOPSIS",
    "\\fBvmgstool\\fR [\\fB\\-v\\fR] \\fICOMMAND\\fR [\\fIoptions\\fR]",
    ".SH COMMANDS",
    ...commandsIn(commands).flatMap(({ name, summary }) => [".TP", `\\fB${roff(name)}\\fR`, roff(summary)]),
    ".SH OPTIONS",
    "Before the command:",
    ...manPageOptions([VERBOSE_OPTION]),
    ...all.flatMap(commandSections),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => [".TP", `\\fB${code}\\fR`, roff(meaning)]),
    ".SH ENVIRONMENT",
    ".TP",
    "\\fBVMGS_KEY_FILE\\fR",
    roff("path of the key file where none is given; it counts only for encrypted stores"),
    ".SH EXAMPLES",
    ...all.flatMap(({ examples }) =>
      examples.flatMap(({ command, meaning }) => [".TP", `\\fB${roff(command)}\\fR`, roff(meaning)]),
    ),
    ".SH SEE ALSO",
    "\\fBvmgs\\fR(1)",
  ];
  return `${lines.join("\n")}\n`;
}

function commandSections({ name, summary, description, options }: CommandDeclaration): string[] {
  return [
    `.SH ${roff(name.toUpperCase())}`,
    roff(description ?? `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
    ...manPageOptions(options),
  ];
}
