/** Man pages, from the same declarations as the help. `vmgs man COMMAND` prints one; the build writes them all. */

import type { Environment } from "./context.ts";
import { type CommandDeclaration, GENERAL_OPTIONS, type OptionDeclaration } from "./declaration/index.ts";
import { ExitCode, UsageError } from "./exit-codes.ts";
import { loadAllCommands } from "./program.ts";
import { topics } from "./topics/index.ts";
import { VERSION } from "./version.ts";

/** @throws UsageError for a command that does not exist */
export async function printManPage(name: string | undefined, environment: Environment): Promise<number> {
  const pages = await manPages();
  const page = pages.get(name === undefined ? "vmgs.1" : `vmgs-${name}.1`);
  if (page === undefined) throw new UsageError(`there is no man page for ${JSON.stringify(name)}`);
  await environment.stdout.write(page);
  return ExitCode.done;
}

/** All man pages, by file name. */
export async function manPages(): Promise<Map<string, string>> {
  const all = await loadAllCommands();
  const pages = all.map((command): [string, string] => [`vmgs-${command.name}.1`, commandPage(command)]);
  return new Map([["vmgs.1", overviewPage(all)], ...pages]);
}

/** Text for troff: no backslash, leading dot or quote is taken for a command. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/^([.'])/gm, "\\&$1");
}

function heading(name: string, summary: string): string[] {
  return [
    `.TH ${name.toUpperCase()} 1 "" "vmgskit ${VERSION}" "vmgskit"`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(summary)}`,
  ];
}

function optionList(options: readonly OptionDeclaration[]): string[] {
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
    ...heading(`vmgs-${name}`, summary),
    ".SH SYNOPSIS",
    `\\fBvmgs ${name}\\fR ${roff(usage.join(" "))} [\\fIoptions\\fR]`,
    ".SH DESCRIPTION",
    roff(description ?? `${summary}.`),
    ...args.flatMap(({ name: arg, meaning }) => [".TP", `\\fI${roff(arg)}\\fR`, roff(meaning)]),
    ".SH OPTIONS",
    ...optionList([...options, ...GENERAL_OPTIONS]),
    ".SH EXAMPLES",
    ...examples.flatMap((example) => [".TP", `\\fB${roff(example.command)}\\fR`, roff(example.meaning)]),
    ".SH SEE ALSO",
    "\\fBvmgs\\fR(1)",
  ];
  return `${lines.join("\n")}\n`;
}

function overviewPage(all: readonly CommandDeclaration[]): string {
  const lines = [
    ...heading("vmgs", "provision, read, change and understand VMGS files"),
    ".SH SYNOPSIS",
    "\\fBvmgs\\fR \\fICOMMAND\\fR \\fIFILE\\fR... [\\fIoptions\\fR]",
    ".SH COMMANDS",
    ...all.flatMap(({ name, summary }) => [".TP", `\\fBvmgs\\-${name}\\fR(1)`, roff(summary)]),
    ".SH OPTIONS",
    ...optionList(GENERAL_OPTIONS),
    ...topics.flatMap(({ title, text }) => [`.SH ${roff(title.toUpperCase())}`, ".nf", roff(text), ".fi"]),
  ];
  return `${lines.join("\n")}\n`;
}
