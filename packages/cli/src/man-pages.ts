/** Man pages, from the same declarations as the help. */

import {
  type CommandDeclaration,
  type CommandGroup,
  type CommandNode,
  GENERAL_OPTIONS,
  HELP_OPTION,
  isGroup,
  type OptionDeclaration,
  VERSION_OPTION,
  withCompanions,
} from "./declaration/index.ts";
import { topics } from "./topics/index.ts";
import { VERSION } from "./version.ts";

/** All man pages, by file name. */
export function renderManPages(
  nodes: readonly CommandNode[],
  all: readonly CommandDeclaration[],
): Map<string, string> {
  const groups = nodes.filter(isGroup).map((group): [string, string] => [group.name, groupPage(group)]);
  const commands = all.map((command): [string, string] => [command.name, commandPage(command)]);
  const pages: [string, string][] = [["", overviewPage(nodes)], ...groups, ...commands];
  return new Map(pages.map(([name, page]) => [manPageFile(name), page]));
}

/** `vmgs-uefi-list.1`; the overview for an empty name. */
export function manPageFile(name: string): string {
  return `${pageName(name)}.1`;
}

const pageName = (name: string) => ["vmgs", ...name.split(" ")].filter(Boolean).join("-");

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Text for troff: shown as it stands, so that it can be pasted, and no line is taken for a command. */
export function roff(text: string): string {
  return text.replaceAll(/[\\'`^~-]/g, (char) => SPECIAL[char] ?? char).replaceAll(/^\./gm, "\\&.");
}

/** Title and name of a page. */
export function manPageHeading(name: string, summary: string): string[] {
  return [
    `.TH ${name.toUpperCase()} 1 "" "vmgskit ${VERSION}" "vmgskit"`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(summary)}`,
  ];
}

/** A list of options with their meanings. */
export function manPageOptions(options: readonly OptionDeclaration[]): string[] {
  return options.flatMap(({ flags, meaning, choices, fallback }) => {
    const notes = [choices && `one of ${choices.join(", ")}`, fallback && `default: ${fallback}`].filter(
      Boolean,
    );
    const tail = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    return [".TP", `\\fB${roff(flags)}\\fR`, roff(`${meaning}${tail}`)];
  });
}

function commandPage({ name, summary, description, args, options, examples }: CommandDeclaration): string {
  const usage = args.map(({ name: arg, required, many }) => {
    const word = many ? `${arg}...` : arg;
    return required ? word : `[${word}]`;
  });
  const lines = [
    ...manPageHeading(pageName(name), summary),
    ".SH SYNOPSIS",
    `\\fBvmgs ${roff(name)}\\fR ${roff(usage.join(" "))} [\\fIoptions\\fR]`,
    ".SH DESCRIPTION",
    roff(description ?? `${summary}.`),
    ...args.flatMap(({ name: arg, meaning, choices }) => {
      const tail = choices === undefined ? "" : ` (one of ${choices.join(", ")})`;
      return [".TP", `\\fI${roff(arg)}\\fR`, roff(meaning + tail)];
    }),
    ".SH OPTIONS",
    ...manPageOptions([...withCompanions(options), ...GENERAL_OPTIONS, HELP_OPTION]),
    ".SH EXAMPLES",
    ...examples.flatMap((example) => [".TP", `\\fB${roff(example.command)}\\fR`, roff(example.meaning)]),
    ".SH SEE ALSO",
    `\\fB${roff(pageName(name.split(" ").slice(0, -1).join(" ")))}\\fR(1)`,
  ];
  return `${lines.join("\n")}\n`;
}

function groupPage({ name, summary, commands }: CommandGroup): string {
  const lines = [
    ...manPageHeading(pageName(name), summary),
    ".SH SYNOPSIS",
    `\\fBvmgs ${roff(name)}\\fR \\fICOMMAND\\fR \\fIFILE\\fR... [\\fIoptions\\fR]`,
    ...commandList(commands),
    ".SH SEE ALSO",
    "\\fBvmgs\\fR(1)",
  ];
  return `${lines.join("\n")}\n`;
}

function commandList(nodes: readonly CommandNode[]): string[] {
  const entries = nodes.flatMap(({ name, summary }) => [
    ".TP",
    `\\fB${roff(pageName(name))}\\fR(1)`,
    roff(summary),
  ]);
  return [".SH COMMANDS", ...entries];
}

function overviewPage(nodes: readonly CommandNode[]): string {
  const lines = [
    ...manPageHeading("vmgs", "provision, read, change and understand VMGS files"),
    ".SH SYNOPSIS",
    "\\fBvmgs\\fR \\fICOMMAND\\fR \\fIFILE\\fR... [\\fIoptions\\fR]",
    ...commandList(nodes),
    ".SH OPTIONS",
    ...manPageOptions([...GENERAL_OPTIONS, VERSION_OPTION, HELP_OPTION]),
    ...topics.flatMap(({ title, text }) => [`.SH ${roff(title.toUpperCase())}`, ".nf", roff(text), ".fi"]),
  ];
  return `${lines.join("\n")}\n`;
}
