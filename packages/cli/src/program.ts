/** Makes commander's program from the declarations. */

import { Argument, Command, CommanderError, Option } from "commander";
import { commands } from "./commands/index.ts";
import {
  type ArgumentDeclaration,
  type CommandArguments,
  type CommandDeclaration,
  GENERAL_OPTIONS,
  type OptionDeclaration,
  type OptionValues,
} from "./declaration/index.ts";

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
  declared: readonly CommandDeclaration[],
  options: ProgramOptions,
  invoke: Invocation,
): Command {
  const program = new Command("vmgs")
    .description(
      "Provision, read, change and understand VMGS files: the guest state of Hyper-V and OpenHCL VMs.",
    )
    .version(options.version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: options.writeOut,
      writeErr: options.writeErr,
      getOutHelpWidth: () => options.columns,
      getErrHelpWidth: () => options.columns,
      outputError: () => {},
    });
  for (const option of GENERAL_OPTIONS) program.addOption(makeOption(option));
  for (const { name, summary } of commands) {
    const declaration = declared.find((candidate) => candidate.name === name);
    const command = program.command(name).summary(summary);
    if (declaration === undefined) continue;
    fillCommand(command, declaration, invoke);
  }
  program.addHelpText("after", OVERVIEW_END);
  return program;
}

const OVERVIEW_END = `
Topics:
  vmgs help store | marker | keys | lifetimes | exit-codes
  vmgs completion SHELL   print a completion script: bash, zsh, fish, powershell

Examples:
  vmgs provision vm.vmgs      make a store as OpenHCL's first boot does
  vmgs inspect vm.vmgs        look at everything in it`;

/** Gives a command its arguments, options, help and action. */
function fillCommand(command: Command, declaration: CommandDeclaration, invoke: Invocation): void {
  const { summary, description, args, options, examples } = declaration;
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  command.description(description === undefined ? sentence : `${sentence}\n\n${description}`);
  for (const arg of args) command.addArgument(makeArgument(arg));
  for (const option of options) command.addOption(makeOption(option));
  for (const option of GENERAL_OPTIONS) command.addOption(makeOption(option).hideHelp());
  command.helpOption("-h, --help", "show help");
  const width = Math.max(...examples.map((example) => example.command.length));
  const lines = examples.map((example) => `  ${example.command.padEnd(width)}  ${example.meaning}`);
  command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  command.action(async (...given: unknown[]) => {
    const values = given.slice(0, args.length) as CommandArguments;
    await invoke(declaration, values, command.optsWithGlobals() as OptionValues);
  });
}

function makeArgument({ name, meaning, required, many = false }: ArgumentDeclaration): Argument {
  const inner = many ? `${name}...` : name;
  return new Argument(required ? `<${inner}>` : `[${inner}]`, meaning);
}

function makeOption({ flags, meaning, choices, fallback, many = false }: OptionDeclaration): Option {
  const notes = [...(fallback === undefined ? [] : [`default: ${fallback}`])];
  const option = new Option(flags, notes.length === 0 ? meaning : `${meaning} (${notes.join(", ")})`);
  if (choices !== undefined) option.choices([...choices]);
  if (many) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return option;
}

/** Loads all commands: for help, completion and man pages. */
export function loadAllCommands(): Promise<CommandDeclaration[]> {
  return Promise.all(commands.map(({ load }) => load()));
}

export { CommanderError };
