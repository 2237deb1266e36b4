/** Makes commander's program from the declarations. */

import { Argument, Command, CommanderError, Option } from "commander";
import {
  type ArgumentDeclaration,
  type CommandArguments,
  type CommandDeclaration,
  type CommandNode,
  commandsIn,
  type Example,
  GENERAL_OPTIONS,
  HELP_OPTION,
  isGroup,
  lastWord,
  type OptionDeclaration,
  type OptionValues,
  optionName,
  VERSION_OPTION,
} from "./declaration/index.ts";
import { topics } from "./topics/index.ts";

/** What the user asked for, once it was parsed. */
export type Invocation = (
  command: CommandDeclaration,
  args: CommandArguments,
  options: OptionValues,
) => Promise<void>;

export interface ProgramOptions {
  readonly version: string;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly columns: number;
}

/** The program with the declared commands; others are known by name and summary only. */
export function buildProgram(
  commands: readonly CommandNode[],
  declared: readonly CommandDeclaration[],
  options: ProgramOptions,
  invoke: Invocation,
): Command {
  const program = new Command("vmgs")
    .description(
      "Provision, read, change and understand VMGS files: the guest state of Hyper-V and OpenHCL VMs.",
    )
    .helpOption(HELP_OPTION.flags, HELP_OPTION.meaning)
    .helpCommand(false)
    .usage("COMMAND FILE... [options]")
    .exitOverride()
    .showSuggestionAfterError()
    // Whether a command's arguments are known depends on what is loaded.
    .configureHelp({ subcommandTerm: (command) => command.name(), minWidthToWrap: 20 })
    .configureOutput({
      writeOut: options.writeOut,
      writeErr: options.writeErr,
      getOutHelpWidth: () => options.columns,
      getErrHelpWidth: () => options.columns,
      outputError: () => {},
    });
  // The command that is called may have an option of that name: `vmgs set` has.
  const called = declared.length === 1 ? (declared[0]?.options ?? []) : [];
  const hasVersion = called.some(({ flags }) => optionName(flags).long === "--version");
  if (!hasVersion) program.version(options.version, VERSION_OPTION.flags, VERSION_OPTION.meaning);
  for (const option of GENERAL_OPTIONS) program.addOption(makeOption(option));
  addCommands(program, commands, (command, name) => {
    const declaration = declared.find((candidate) => candidate.name === name);
    if (declaration !== undefined) fillCommand(command, declaration, invoke);
  });
  program.addHelpText("after", OVERVIEW_END);
  return program;
}

function addCommands(
  parent: Command,
  nodes: readonly CommandNode[],
  fill: (command: Command, name: string) => void,
): void {
  for (const node of nodes) {
    const command = parent.command(lastWord(node.name)).summary(node.summary);
    if (!isGroup(node)) {
      fill(command, node.name);
      continue;
    }
    command.description(sentence(node.summary)).usage("COMMAND FILE... [options]").helpCommand(false);
    addCommands(command, node.commands, fill);
  }
}

const sentence = (summary: string) => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

const OVERVIEW_END = `
Topics:
  vmgs help ${topics.map(({ name }) => name).join(" | ")}

Examples:
${exampleLines([
  { command: "vmgs provision vm.vmgs", meaning: "make a store as OpenHCL's first boot does" },
  { command: "vmgs inspect vm.vmgs", meaning: "look at everything in it" },
])}`;

/** The meaning stands above, so that the whole line can be pasted, in a narrow terminal too. */
function exampleLines(examples: readonly Example[]): string {
  return examples.map(({ command, meaning }) => `  ${meaning}\n    ${command}`).join("\n");
}

const GENERAL_GROUP = "Options of every command:";

/** Gives a command its arguments, options, help and action. */
function fillCommand(command: Command, declaration: CommandDeclaration, invoke: Invocation): void {
  const { summary, description, args, options, examples } = declaration;
  command.description([sentence(summary), description ?? []].flat().join("\n\n"));
  for (const arg of args) command.addArgument(makeArgument(arg));
  for (const option of options) {
    command.addOption(makeOption(option));
    const { title = "", options: companions = [] } = option.companions ?? {};
    for (const companion of companions) command.addOption(makeOption(companion).helpGroup(title));
  }
  // The program itself takes them, before and after the command; here they are for the help.
  for (const option of GENERAL_OPTIONS) {
    command.addOption(makeOption(option).helpGroup(GENERAL_GROUP));
  }
  command.addHelpOption(makeOption(HELP_OPTION).helpGroup(GENERAL_GROUP));
  command.addHelpText("after", `\nExamples:\n${exampleLines(examples)}`);
  command.action(async (...given: unknown[]) => {
    const values = given.slice(0, args.length) as CommandArguments;
    await invoke(declaration, values, command.optsWithGlobals() as OptionValues);
  });
}

function makeArgument({ name, meaning, required, many = false, choices }: ArgumentDeclaration): Argument {
  const inner = many ? `${name}...` : name;
  const argument = new Argument(required ? `<${inner}>` : `[${inner}]`, meaning);
  return choices === undefined ? argument : argument.choices(choices);
}

function makeOption({ flags, meaning, choices, fallback, many = false }: OptionDeclaration): Option {
  const notes = [...(fallback === undefined ? [] : [`default: ${fallback}`])];
  const option = new Option(flags, notes.length === 0 ? meaning : `${meaning} (${notes.join(", ")})`);
  if (choices !== undefined) option.choices([...choices]);
  if (many) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return option;
}

/** The command of that name, of a program that was built. */
export function commandOf(program: Command, name: string): Command | undefined {
  return name
    .split(" ")
    .reduce<Command | undefined>(
      (parent, word) => parent?.commands.find((child) => child.name() === word),
      program,
    );
}

/** Loads commands: for help, completion and man pages. */
export function loadAll(commands: readonly CommandNode[]): Promise<CommandDeclaration[]> {
  return Promise.all(commandsIn(commands).map(({ load }) => load()));
}

export { CommanderError };
