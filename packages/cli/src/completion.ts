/** Shell completion: scripts for four shells, and the answers they ask for. All from the declarations. */

import tab, { type Command as Completions, type RootCommand } from "@bomb.sh/tab";
import type { Environment } from "./context.ts";
import { type CommandDeclaration, GENERAL_OPTIONS, type OptionDeclaration } from "./declaration/index.ts";
import { ExitCode, UsageError } from "./exit-codes.ts";
import { loadAllCommands } from "./program.ts";
import { topics } from "./topics/index.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** @throws UsageError for a shell that is not known */
export async function printCompletion(shell: string | undefined, environment: Environment): Promise<number> {
  if (shell === undefined || !(SHELLS as readonly string[]).includes(shell)) {
    throw new UsageError(
      `${shell === undefined ? "the shell is missing" : `${JSON.stringify(shell)} is not a known shell`}`,
      `one of ${SHELLS.join(", ")}: source <(vmgs completion bash)`,
    );
  }
  await captured(environment, () => tab.setup("vmgs", "vmgs", shell));
  return ExitCode.done;
}

/** Answers a completion script: `vmgs complete -- WORDS`. */
export async function answerCompletion(words: readonly string[], environment: Environment): Promise<number> {
  const given = words[0] === "--" ? words.slice(1) : [...words];
  declare(tab, await loadAllCommands());
  await captured(environment, () => tab.parse([...given]));
  return ExitCode.done;
}

function declare(root: RootCommand, all: readonly CommandDeclaration[]): void {
  for (const { name, summary, args, options } of all) {
    const command = root.command(name, summary);
    for (const option of [...options, ...GENERAL_OPTIONS]) declareOption(command, option);
    for (const { name: argument, many = false, complete } of args) {
      const handler =
        complete &&
        ((add: (value: string, meaning: string) => void) => {
          for (const { value, meaning } of complete()) add(value, meaning);
        });
      command.argument(argument, handler, many);
    }
  }
  root.command("help", "explain a command or a topic").argument("topic", (add) => {
    for (const { name, title } of topics) add(name, title);
    for (const { name, summary } of all) add(name, summary);
  });
  root.command("completion", "print a completion script").argument("shell", (add) => {
    for (const shell of SHELLS) add(shell, "");
  });
}

function declareOption(command: Completions, { flags, meaning, choices }: OptionDeclaration): void {
  const short = /^-(\w), /.exec(flags)?.[1];
  const long = /--([\w-]+)/.exec(flags)?.[1] ?? "";
  const takesValue = flags.includes("<");
  if (!takesValue) {
    command.option(long, meaning, short);
    return;
  }
  const handler = (add: (value: string, meaning: string) => void) => {
    for (const choice of choices ?? []) add(choice, "");
  };
  command.option(long, meaning, handler, short);
}

/** The library prints through the console; here it goes where the command's output goes. */
async function captured(environment: Environment, print: () => void): Promise<void> {
  const lines: string[] = [];
  const { console } = globalThis;
  const original = console.log;
  console.log = (...values: unknown[]) => lines.push(`${values.join(" ")}\n`);
  try {
    print();
  } finally {
    console.log = original;
  }
  await environment.stdout.write(lines.join(""));
}
