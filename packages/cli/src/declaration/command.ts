/** How a command is declared. Help, parsing, shell completion and man pages all come from the declaration. */

import type { CommandContext } from "../context.ts";

export interface ArgumentDeclaration {
  /** As shown in the usage: `FILE`. */
  readonly name: string;
  readonly meaning: string;
  readonly required: boolean;
  /** Takes all arguments that are left. */
  readonly many?: boolean;
  readonly choices?: readonly string[];
  /** A file that the command makes or replaces; other files are read, or changed as stores. */
  readonly output?: boolean;
  /**
   * What shell completion offers; files are offered when there are neither choices nor suggestions. `before` has the
   * words that a `many` argument was given already.
   */
  readonly complete?: (before: readonly string[]) => readonly Suggestion[];
}

export interface Suggestion {
  readonly value: string;
  readonly meaning: string;
}

export interface OptionDeclaration {
  /** As commander reads it: `-o, --output <FILE>`, `--no-marker`. */
  readonly flags: string;
  readonly meaning: string;
  readonly choices?: readonly string[];
  /** What shell completion offers where any value is allowed; files are offered for a value called `<FILE>`. */
  readonly complete?: () => readonly Suggestion[];
  /** Shown as `(default: …)`; the command itself applies it. */
  readonly fallback?: string;
  /** May be given several times; the value is then a list. */
  readonly many?: boolean;
  /** Other long forms that mean the same, from older versions: `--filepath`. Only `vmgstool` has any. */
  readonly aliases?: readonly string[];
  /** A file that the command makes or replaces; others that are called `<FILE>` are read. */
  readonly output?: boolean;
  /** Options that come with it in every command, under a heading of their own in the help. */
  readonly companions?: Companions;
  /** Must be given. Only `vmgstool` has such options. */
  readonly required?: boolean;
}

/** Options that another one brings along. */
export interface Companions {
  /** Heading in the help, with a colon. */
  readonly title: string;
  readonly options: readonly OptionDeclaration[];
}

export interface Example {
  /** Works when pasted. */
  readonly command: string;
  readonly meaning: string;
}

/** Values of options, by their long names in camel case. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface CommandDeclaration {
  /** The words that call it: `marker`, or `uefi list` in a group. */
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly summary: string;
  /** What users should know in addition, in a few sentences. */
  readonly description?: string;
  readonly args: readonly ArgumentDeclaration[];
  readonly options: readonly OptionDeclaration[];
  readonly examples: readonly Example[];
  /** Does the work; returns the exit code. */
  run(context: CommandContext, args: CommandArguments, options: OptionValues): Promise<number>;
}

/** What is known of a command before it is loaded. */
export interface CommandEntry {
  /** The words that call it, as in its declaration. */
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandDeclaration>;
}

/** Commands that share their first word, such as `vmgs uefi list` and `vmgs uefi boot`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  /** Their names begin with the group's. */
  readonly commands: readonly CommandEntry[];
}

/** What stands in the overview of `vmgs`. */
export type CommandNode = CommandEntry | CommandGroup;

/** Positional arguments as given: missing optional ones are undefined, a `many` one is a list. */
export type CommandArguments = readonly (string | readonly string[] | undefined)[];
