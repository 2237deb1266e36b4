/** `vmgstool` from arguments to exit code. Loads only what the command at hand needs. */

import { watchChanges } from "../change-watch.ts";
import { checkFiles } from "../command-files.ts";
import type { CommandContext, Environment, Output } from "../context.ts";
import {
  type CommandDeclaration,
  type CommandNode,
  findNode,
  isGroup,
  type OptionValues,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { reportError } from "../messages.ts";
import { CommanderError } from "../program.ts";
import { chooseColors } from "../terminal/index.ts";
import { commands } from "./commands/index.ts";
import { ToolExitCode, toolExitCodeOf } from "./exit-codes.ts";
import { translateLegacy } from "./legacy.ts";
import { say, VMGSTOOL } from "./messages.ts";
import { buildToolProgram, normalizeArguments } from "./program.ts";

/** Runs one command line (without node and script) and returns the exit code. */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  const json = argv.includes("--json");
  try {
    return await dispatch(await inTodaysSpelling(argv, contextFor(environment, { json })), environment);
  } catch (error) {
    const known = error instanceof CommanderError ? usageError(error, argv) : error;
    await reportError(contextFor(environment, { json }), known, null, VMGSTOOL);
    return toolExitCodeOf(known);
  }
}

async function inTodaysSpelling(argv: readonly string[], context: CommandContext): Promise<string[]> {
  const translated = translateLegacy(argv);
  if (translated !== null) {
    await say(context, `${argv[0]} is an old spelling; use vmgstool ${translated[0]}`);
    return translated;
  }
  // `help COMMAND`, also within a group, is `COMMAND --help`.
  const at = argv.indexOf("help");
  const words = argv.slice(0, at);
  if (at < 0 || !words.every((word) => isVerbose(word) || isGroupName(word))) return [...argv];
  return [...words, ...argv.slice(at + 1), "--help"];
}

function isGroupName(word: string): boolean {
  const node = findNode(commands, [word]);
  return node !== undefined && isGroup(node);
}

const isVerbose = (word: string) => word === "-v" || word === "--verbose";

async function dispatch(argv: readonly string[], environment: Environment): Promise<number> {
  const node = commandIn(argv);
  checkCommand(argv, node);
  const declared = node === undefined || isGroup(node) ? undefined : await node.load();
  const out: string[] = [];
  const err: string[] = [];
  let code: number = ToolExitCode.done;
  const program = buildToolProgram(
    commands,
    declared === undefined ? [] : [declared],
    {
      columns: environment.stdout.columns,
      writeOut: (text) => void out.push(text),
      writeErr: (text) => void err.push(text),
    },
    async (command, _args, options) => {
      code = await invoke(environment, command, options);
    },
  );
  try {
    const words = declared === undefined ? argv : normalizeArguments(argv, declared);
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    // Help without a command, and asked-for help, end in an error that is not a failure.
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") code = ToolExitCode.usage;
    else if (error.exitCode !== 0) throw error;
  } finally {
    if (out.length > 0) await environment.stdout.write(out.join(""));
    if (err.length > 0) await environment.stderr.write(err.join(""));
  }
  return code;
}

async function invoke(
  environment: Environment,
  command: CommandDeclaration,
  options: OptionValues,
): Promise<number> {
  const context = contextFor(environment, options);
  try {
    await checkFiles(command, [], options, context.env);
    return await command.run(context, [], options);
  } catch (error) {
    const file = typeof options.filePath === "string" ? options.filePath : null;
    await reportError(context, error, error instanceof UsageError ? null : file, VMGSTOOL);
    return toolExitCodeOf(error);
  }
}

function contextFor(environment: Environment, options: OptionValues): CommandContext {
  const { env, stdout, stderr } = environment;
  const colorsOf = ({ isTerminal }: Output) => chooseColors({ env, isTerminal, refused: false });
  return {
    ...environment,
    colors: colorsOf(stdout),
    messageColors: colorsOf(stderr),
    json: options.json === true,
    quiet: false,
    verbose: options.verbose === true,
    progress: false,
    changes: watchChanges(),
  };
}

/** With `--help` after it commander would overlook a name that it does not know. */
function checkCommand(argv: readonly string[], node: CommandNode | undefined): void {
  const words = argv.filter((word) => !isVerbose(word));
  const unknown = node === undefined ? words[0] : isGroup(node) ? words[1] : undefined;
  if (unknown === undefined || unknown.startsWith("-")) return;
  throw new UsageError(`unknown command '${unknown}'`, helpHint(node));
}

function helpHint(node: CommandNode | undefined): string {
  return node === undefined
    ? "`vmgstool help` shows all commands"
    : `\`vmgstool help ${node.name}\` shows how`;
}

/** The command or group that the arguments begin with, after `-v`. */
function commandIn(argv: readonly string[]): CommandNode | undefined {
  const first = argv.findIndex((word) => !isVerbose(word));
  return first < 0 ? undefined : findNode(commands, argv.slice(first));
}

function usageError({ message }: CommanderError, argv: readonly string[]): UsageError {
  const [first = ""] = message.replace(/^error: /, "").split("\n");
  return new UsageError(first, helpHint(commandIn(translateLegacy(argv) ?? argv)));
}
