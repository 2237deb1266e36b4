/** `vmgs` from arguments to exit code. Loads only what the command at hand needs. */

import { watchChanges } from "./change-watch.ts";
import { checkFiles } from "./command-files.ts";
import { commands } from "./commands/index.ts";
import type { CommandContext, Environment, Output } from "./context.ts";
import {
  type CommandArguments,
  type CommandDeclaration,
  type CommandNode,
  findNode,
  isGroup,
  type OptionValues,
} from "./declaration/index.ts";
import { ExitCode, exitCodeOf, UsageError } from "./exit-codes.ts";
import { reportError } from "./messages.ts";
import { buildProgram, CommanderError, type Invocation, loadAll } from "./program.ts";
import { chooseColors, concealQueries } from "./terminal/index.ts";
import { VERSION } from "./version.ts";

/** Runs one command line (without node and script) and returns the exit code. */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  concealQueries(argv);
  try {
    return argv[0] === "complete"
      ? await complete(argv.slice(1), environment)
      : await dispatch(argv, environment);
  } catch (error) {
    return await failed(argv, environment, error);
  } finally {
    concealQueries([]);
  }
}

/** Answers a completion script: `vmgs complete -- WORDS`. */
async function complete(words: readonly string[], { stdout }: Environment): Promise<number> {
  const { answer, printAnswer } = await import("./completion/index.ts");
  await stdout.write(
    printAnswer(answer(commands, await loadAll(commands), words[0] === "--" ? words.slice(1) : words)),
  );
  return ExitCode.done;
}

async function dispatch(argv: readonly string[], environment: Environment): Promise<number> {
  const node = commandIn(argv);
  let code: number = ExitCode.done;
  const invoke: Invocation = async (...call) => {
    code = await invokeCommand(environment, ...call);
  };
  const out: string[] = [];
  const err: string[] = [];
  const { columns } = environment.stdout;
  const write = {
    writeOut: (text: string) => void out.push(text),
    writeErr: (text: string) => void err.push(text),
  };
  const declared = node === undefined || isGroup(node) ? [] : [await node.load()];
  const program = buildProgram(commands, declared, { version: VERSION, columns, ...write }, invoke);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    // Help without a command, version and asked-for help end in an error that is not a failure.
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") code = ExitCode.usage;
    else if (error.exitCode !== 0) throw error;
  } finally {
    if (out.length > 0) await environment.stdout.write(out.join(""));
    if (err.length > 0) await environment.stderr.write(err.join(""));
  }
  return code;
}

async function invokeCommand(
  environment: Environment,
  command: CommandDeclaration,
  args: CommandArguments,
  options: OptionValues,
): Promise<number> {
  const context = contextFor(environment, options);
  try {
    await checkFiles(command, args, options, context.env);
    return await command.run(context, args, options);
  } catch (error) {
    const file = command.args[0]?.name === "FILE" && typeof args[0] === "string" ? args[0] : null;
    await reportError(context, error, error instanceof UsageError ? null : file);
    return exitCodeOf(error);
  }
}

function contextFor(environment: Environment, options: OptionValues): CommandContext {
  const { env, stdout, stderr } = environment;
  const colorsOf = ({ isTerminal }: Output) =>
    chooseColors({ env, isTerminal, refused: options.color === false });
  return {
    ...environment,
    colors: colorsOf(stdout),
    messageColors: colorsOf(stderr),
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    progress: options.progress !== false && options.quiet !== true,
    changes: watchChanges(),
  };
}

/** What went wrong outside a command: usage errors of commander, and faults. */
async function failed(argv: readonly string[], environment: Environment, error: unknown): Promise<number> {
  const known =
    error instanceof CommanderError ? new UsageError(...usageWords(error, commandIn(argv))) : error;
  const { color, json } = { color: !argv.includes("--no-color"), json: argv.includes("--json") };
  await reportError(contextFor(environment, { color, json }), known, null);
  return exitCodeOf(known);
}

/** The command or group that the arguments begin with, after options. */
function commandIn(argv: readonly string[]): CommandNode | undefined {
  return findNode(
    commands,
    argv.filter((arg) => !arg.startsWith("-")),
  );
}

/** Commander's message without its prefix; what it suggests becomes the hint. */
function usageWords(
  { message }: CommanderError,
  node: CommandNode | undefined,
): [message: string, hint: string] {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const suggestion = rest.join(" ").replaceAll(/[()]/g, "").trim();
  const general =
    node === undefined ? "`vmgs help` shows all commands" : `\`vmgs help ${node.name}\` shows how`;
  return [first, suggestion === "" ? general : suggestion];
}
