/** `vmgs` from arguments to exit code. Loads only what the command at hand needs. */

import { commands } from "./commands/index.ts";
import type { CommandContext, Environment } from "./context.ts";
import type { CommandArguments, CommandDeclaration, OptionValues } from "./declaration/index.ts";
import { ExitCode, exitCodeOf, isAbort, UsageError } from "./exit-codes.ts";
import { reportError } from "./messages.ts";
import { buildProgram, CommanderError, loadAllCommands } from "./program.ts";
import { chooseColors } from "./terminal/index.ts";
import { VERSION } from "./version.ts";

/** Runs one command line (without node and script) and returns the exit code. */
export async function main(argv: readonly string[], environment: Environment): Promise<number> {
  const output: string[] = [];
  try {
    return await dispatch(argv, environment, output);
  } catch (error) {
    return await failed(argv, environment, error);
  } finally {
    for (const text of output) await environment.stdout.write(text);
  }
}

async function dispatch(
  argv: readonly string[],
  environment: Environment,
  output: string[],
): Promise<number> {
  const [first = ""] = argv.filter((arg) => !arg.startsWith("-"));
  switch (argv[0]) {
    case "help":
      return showHelp(argv.slice(1), environment, output);
    case "completion":
      return (await import("./completion.ts")).printCompletion(argv[1], environment);
    case "complete":
      return (await import("./completion.ts")).answerCompletion(argv.slice(1), environment);
    case "man":
      return (await import("./man.ts")).printManPage(argv[1], environment);
  }
  const entry = commands.find(({ name }) => name === first);
  let code: number = ExitCode.done;
  const program = programFor(
    entry === undefined ? [] : [await entry.load()],
    environment,
    output,
    async (...call) => {
      code = await invoke(environment, ...call);
    },
  );
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return ExitCode.usage;
  }
  await program.parseAsync(argv, { from: "user" });
  return code;
}

function programFor(
  declared: readonly CommandDeclaration[],
  environment: Environment,
  output: string[],
  invocation: Parameters<typeof buildProgram>[2],
) {
  const write = (text: string) => output.push(text);
  const columns = environment.stdout.columns;
  return buildProgram(declared, { version: VERSION, writeOut: write, writeErr: write, columns }, invocation);
}

async function invoke(
  environment: Environment,
  command: CommandDeclaration,
  args: CommandArguments,
  options: OptionValues,
): Promise<number> {
  const context = contextFor(environment, options);
  try {
    return await command.run(context, args, options);
  } catch (error) {
    const file = typeof args[0] === "string" ? args[0] : null;
    await reportError(context, error, error instanceof UsageError ? null : file);
    return exitCodeOf(error);
  }
}

function contextFor(environment: Environment, options: OptionValues): CommandContext {
  const { env, stdout } = environment;
  return {
    ...environment,
    colors: chooseColors({ env, isTerminal: stdout.isTerminal, refused: options.color === false }),
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    progress: options.progress !== false && options.quiet !== true,
  };
}

async function showHelp(
  words: readonly string[],
  environment: Environment,
  output: string[],
): Promise<number> {
  const name = words.join(" ");
  const program = programFor(await loadAllCommands(), environment, output, async () => {});
  if (name === "") {
    program.outputHelp();
    return ExitCode.done;
  }
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command !== undefined) {
    command.outputHelp();
    return ExitCode.done;
  }
  const { topics } = await import("./topics/index.ts");
  const topic = topics.find((candidate) => candidate.name === name);
  if (topic === undefined) {
    const known = [...commands, ...topics].map((entry) => entry.name).join(", ");
    throw new UsageError(`there is no help for ${JSON.stringify(name)}`, `there is help for: ${known}`);
  }
  output.push(`${topic.title}\n\n${topic.text}\n`);
  return ExitCode.done;
}

/** What went wrong outside a command: usage errors of commander, help and version, faults. */
async function failed(argv: readonly string[], environment: Environment, error: unknown): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done;
  const known = error instanceof CommanderError ? new UsageError(...usageWords(error)) : error;
  const json = argv.includes("--json");
  const colors = chooseColors({
    env: environment.env,
    isTerminal: environment.stderr.isTerminal,
    refused: argv.includes("--no-color"),
  });
  await reportError({ ...environment, colors, json }, known, null);
  return isAbort(known) ? ExitCode.interrupted : exitCodeOf(known);
}

/** Commander's message without its prefix; what it suggests becomes the hint. */
function usageWords({ message }: CommanderError): [message: string, hint: string] {
  const [first = "", ...rest] = message.replace(/^error: /, "").split("\n");
  const suggestion = rest.join(" ").replaceAll(/[()]/g, "").trim();
  return [
    first,
    suggestion === "" ? "`vmgs help` shows commands, `vmgs help COMMAND` their options" : suggestion,
  ];
}
