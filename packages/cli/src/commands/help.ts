import { type CommandDeclaration, type CommandNode, findNode } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { buildProgram, commandOf, loadAll } from "../program.ts";
import { type Topic, topics } from "../topics/index.ts";
import { VERSION } from "../version.ts";
import { knownNames, nameSuggestions } from "./names.ts";

/** `vmgs help` over all commands. */
export function help(commands: readonly CommandNode[]): CommandDeclaration {
  return {
    name: "help",
    summary: "explain a command or a concept",
    args: [
      {
        name: "NAME",
        meaning: "a command or a topic; the overview without it",
        required: false,
        many: true,
        complete: (before) => [
          ...(before.length > 0 ? [] : topics.map(({ name, title }) => ({ value: name, meaning: title }))),
          ...nameSuggestions(commands, before),
        ],
      },
    ],
    options: [],
    examples: [
      { command: "vmgs help provision", meaning: "a command" },
      { command: "vmgs help lifetimes", meaning: "a concept" },
    ],
    async run({ stdout }, args) {
      const words = (args[0] as readonly string[] | undefined) ?? [];
      const name = words.join(" ");
      const text: string[] = [];
      const write = (part: string) => text.push(part);
      const output = { version: VERSION, columns: stdout.columns, writeOut: write, writeErr: write };
      const program = buildProgram(commands, await loadAll(commands), output, async () => {});
      const topic = topics.find((candidate) => candidate.name === name);
      const node = findNode(commands, words);
      const command = node?.name === name ? commandOf(program, name) : undefined;
      if (words.length === 0) program.outputHelp();
      else if (topic === undefined && command === undefined) throw unknown(name, commands);
      // `marker` is both.
      command?.outputHelp();
      if (topic !== undefined) write(`${command === undefined ? "" : "\n"}${topicText(topic)}`);
      await stdout.write(text.join(""));
      return 0;
    },
  };
}

const topicText = ({ title, text }: Topic) => `${title}\n\n${text}\n`;

function unknown(name: string, commands: readonly CommandNode[]): UsageError {
  const known = [...new Set([...knownNames(commands), ...topics.map((topic) => topic.name)])];
  return new UsageError(
    `there is no help for ${JSON.stringify(name)}`,
    `there is help for: ${known.join(", ")}`,
  );
}
