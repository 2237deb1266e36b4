/** Makes commander's program of the declarations, with the rules of the reference's parser. */

import { Command, InvalidArgumentError, Option } from "commander";
import {
  type CommandDeclaration,
  type CommandNode,
  isGroup,
  lastWord,
  type OptionDeclaration,
  type OptionValues,
  optionName,
} from "../declaration/index.ts";
import type { Invocation, ProgramOptions } from "../program.ts";
import { VERBOSE_OPTION } from "./options.ts";

const DESCRIPTION = `Read and change VMGS files: a drop-in for the tool of that name.

Scripts may rely on exit codes, on query-size and on dump --raw-stdout. Other
output is for people; --json gives documents that stay as they are.`;

/** The program with the declared commands; others are known by name and summary only. */
export function buildToolProgram(
  nodes: readonly CommandNode[],
  declared: readonly CommandDeclaration[],
  options: Omit<ProgramOptions, "version">,
  invoke: Invocation,
): Command {
  const program = new Command("vmgstool")
    .description(DESCRIPTION)
    .helpOption("-h, --help", "show help")
    // Answered before parsing: `help COMMAND` is `COMMAND --help`.
    .helpCommand("help [COMMAND...]", "show help for a command")
    .usage("[-v] COMMAND [options]")
    // `-v` means something else after a command.
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name(), minWidthToWrap: 20 })
    .configureOutput({
      writeOut: options.writeOut,
      writeErr: options.writeErr,
      getOutHelpWidth: () => options.columns,
      getErrHelpWidth: () => options.columns,
      outputError: () => {},
    });
  program.addOption(makeOption(VERBOSE_OPTION));
  addCommands(program, nodes, (command, name) => {
    const declaration = declared.find((candidate) => candidate.name === name);
    if (declaration !== undefined) fillCommand(command, declaration, invoke);
  });
  return program;
}

function addCommands(
  parent: Command,
  nodes: readonly CommandNode[],
  fill: (command: Command, name: string) => void,
): void {
  for (const node of nodes) {
    const command = parent.command(lastWord(node.name)).summary(node.summary);
    command.description(sentence(node.summary));
    if (isGroup(node))
      addCommands(command.usage("COMMAND [options]").helpCommand(false), node.commands, fill);
    else fill(command, node.name);
  }
}

const sentence = (summary: string) => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

function fillCommand(command: Command, declaration: CommandDeclaration, invoke: Invocation): void {
  const { summary, description, options, examples } = declaration;
  command.description([sentence(summary), description ?? []].flat().join("\n\n"));
  for (const option of options) command.addOption(makeOption(option));
  const examplesText = examples.map((example) => `  ${example.meaning}\n    ${example.command}`).join("\n");
  command.addHelpText("after", `\nExamples:\n${examplesText}`);
  command.action(() => invoke(declaration, [], command.optsWithGlobals() as OptionValues));
}

function makeOption({ flags, meaning, choices, required = false }: OptionDeclaration): Option {
  const option = new Option(flags, required ? `${meaning} (required)` : meaning).makeOptionMandatory(
    required,
  );
  if (optionName(flags).value === null) return option;
  option.argParser((value: string, before: string | undefined) => {
    if (before !== undefined) throw new InvalidArgumentError("It was given twice.");
    // What looks like an option is one: the value was forgotten.
    if (value.startsWith("-") && value !== "-") throw new InvalidArgumentError("Its value is missing.");
    if (choices?.includes(value) === false) {
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
    }
    return value;
  });
  if (choices !== undefined) option.argChoices = [...choices];
  return option;
}

/** The arguments with one spelling for each option, and values apart from their options. */
export function normalizeArguments(argv: readonly string[], declared: CommandDeclaration): string[] {
  const spellings = new Map(
    declared.options.flatMap(({ flags, aliases = [] }) => {
      const { long } = optionName(flags);
      return aliases.map((alias) => [alias, long] as const);
    }),
  );
  return argv.flatMap((word) => {
    const [, short, value] = /^(-[A-Za-z])=(.*)$/s.exec(word) ?? [];
    if (short !== undefined && value !== undefined) return [short, value];
    const [name = "", ...rest] = word.split("=");
    const long = spellings.get(name);
    return long === undefined ? [word] : [[long, ...rest].join("=")];
  });
}
