/** What to offer for a command line that is being typed. Pure, from the declarations. */

import {
  type ArgumentDeclaration,
  type CommandDeclaration,
  type CommandGroup,
  type CommandNode,
  GENERAL_OPTIONS,
  HELP_OPTION,
  isGroup,
  lastWord,
  type OptionDeclaration,
  optionName,
  type Suggestion,
  VERSION_OPTION,
  withCompanions,
} from "../declaration/index.ts";

export interface Answer {
  /** Whole words that may take the place of the one that is being typed. */
  readonly suggestions: readonly Suggestion[];
  /** Whether the shell may offer files. */
  readonly files: boolean;
}

const NOTHING: Answer = { suggestions: [], files: false };
const FILES: Answer = { suggestions: [], files: true };

/** Answers for the words after `vmgs`; the last one is being typed, and may be empty. */
export function answer(
  nodes: readonly CommandNode[],
  all: readonly CommandDeclaration[],
  words: readonly string[],
): Answer {
  const current = words.at(-1) ?? "";
  const { group, command, positionals, pending, onlyPositionals } = readWords(nodes, all, words.slice(0, -1));
  if (pending !== undefined) return startingWith(current, valuesOf(pending));
  const inOption = /^(--[\w-]+=)(.*)$/s.exec(current);
  if (inOption !== null && !onlyPositionals) {
    const [, prefix = "", start = ""] = inOption;
    const option = findOption(command, prefix.slice(0, -1));
    if (option === undefined || !takesValue(option)) return NOTHING;
    const { suggestions, files } = startingWith(start, valuesOf(option));
    return {
      files,
      suggestions: suggestions.map(({ value, meaning }) => ({ value: prefix + value, meaning })),
    };
  }
  if (current.startsWith("-") && !onlyPositionals) return startingWith(current, optionNames(command));
  if (command === undefined) return startingWith(current, offer(namesOf(group?.commands ?? nodes)));
  const { args } = command;
  const at = args.at(-1)?.many ? Math.min(positionals.length, args.length - 1) : positionals.length;
  const arg = args[at];
  return arg === undefined ? NOTHING : startingWith(current, valuesFor(arg, positionals.slice(at)));
}

const namesOf = (nodes: readonly CommandNode[]): Suggestion[] =>
  nodes.map(({ name, summary }) => ({ value: lastWord(name), meaning: summary }));

function valuesFor(arg: ArgumentDeclaration, before: readonly string[]): Answer {
  if (arg.choices !== undefined) return choices(arg.choices);
  return arg.complete === undefined ? FILES : offer(arg.complete(before));
}

/** For the scripts: a line `value TAB meaning` each, then `:0` where files may be offered, else `:4`. */
export function printAnswer({ suggestions, files }: Answer): string {
  const lines = suggestions.map(({ value, meaning }) => `${value}\t${meaning}\n`);
  return `${lines.join("")}:${files ? 0 : 4}\n`;
}

interface WordsBefore {
  /** The group whose command is not named yet. */
  readonly group: CommandGroup | undefined;
  readonly command: CommandDeclaration | undefined;
  /** Arguments that the command was given. */
  readonly positionals: readonly string[];
  /** The option whose value comes next. */
  readonly pending: OptionDeclaration | undefined;
  /** After `--`. */
  readonly onlyPositionals: boolean;
}

function readWords(
  nodes: readonly CommandNode[],
  all: readonly CommandDeclaration[],
  words: readonly string[],
): WordsBefore {
  let group: CommandGroup | undefined;
  let command: CommandDeclaration | undefined;
  const positionals: string[] = [];
  let pending: OptionDeclaration | undefined;
  let onlyPositionals = false;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (word === "--") onlyPositionals = true;
    else if (word.startsWith("-") && word !== "-" && !onlyPositionals) {
      const option = findOption(command, word);
      if (option !== undefined && takesValue(option)) pending = option;
    } else if (command !== undefined) positionals.push(word);
    else {
      const node = (group?.commands ?? nodes).find(({ name }) => lastWord(name) === word);
      if (node !== undefined && isGroup(node)) group = node;
      // A word that is not a command is unknown, and nothing is offered after it.
      else command = all.find(({ name }) => name === node?.name) ?? UNKNOWN;
    }
  }
  return { group, command, positionals, pending, onlyPositionals };
}

const UNKNOWN: CommandDeclaration = {
  name: "",
  summary: "",
  args: [],
  options: [],
  examples: [],
  run: async () => 0,
};

function optionsOf(command: CommandDeclaration | undefined): readonly OptionDeclaration[] {
  return [...withCompanions(command?.options ?? []), ...GENERAL_OPTIONS];
}

function findOption(command: CommandDeclaration | undefined, word: string): OptionDeclaration | undefined {
  return optionsOf(command).find(({ flags }) => {
    const { short, long } = optionName(flags);
    return word === long || word === short;
  });
}

const takesValue = ({ flags }: OptionDeclaration) => optionName(flags).value !== null;

function valuesOf({ flags, choices: allowed, complete }: OptionDeclaration): Answer {
  if (allowed !== undefined) return choices(allowed);
  if (complete !== undefined) return offer(complete());
  return optionName(flags).value === "FILE" ? FILES : NOTHING;
}

function optionNames(command: CommandDeclaration | undefined): Answer {
  const own = command === undefined ? [VERSION_OPTION] : [];
  const names = [...optionsOf(command), HELP_OPTION, ...own].flatMap(({ flags, meaning }) => {
    const { short, long } = optionName(flags);
    return [{ value: long, meaning }, ...(short === null ? [] : [{ value: short, meaning }])];
  });
  return offer(names);
}

const offer = (suggestions: readonly Suggestion[]): Answer => ({ suggestions, files: false });
const choices = (values: readonly string[]) => offer(values.map((value) => ({ value, meaning: "" })));

/** Names are found in any case, as the commands take them. */
function startingWith(start: string, { suggestions, files }: Answer): Answer {
  const lower = start.toLowerCase();
  return { files, suggestions: suggestions.filter(({ value }) => value.toLowerCase().startsWith(lower)) };
}
