import type { CommandDeclaration, CommandEntry } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { buildProgram, loadAll } from "../program.ts";
import { type Topic, topics } from "../topics/index.ts";
import { VERSION } from "../version.ts";

/** `vmgs help` over all commands. */
export function help(commands: readonly CommandEntry[]): CommandDeclaration {
  return {
    name: "help",
    summary: "explain a command or a concept",
    args: [
      {
        name: "NAME",
        meaning: "a command or a topic; the overview without it",
        required: false,
        complete: () => [
          ...topics.map(({ name, title }) => ({ value: name, meaning: title })),
          ...commands.map(({ name, summary }) => ({ value: name, meaning: summary })),
        ],
      },
    ],
    options: [],
    examples: [
      { command: "vmgs help provision", meaning: "a command" },
      { command: "vmgs help lifetimes", meaning: "a concept" },
    ],
    async run({ stdout }, args) {
      const name = args[0] as string | undefined;
      const text: string[] = [];
      const write = (part: string) => text.push(part);
      const output = { version: VERSION, columns: stdout.columns, writeOut: write, writeErr: write };
      const program = buildProgram(commands, await loadAll(commands), output, async () => {});
      const topic = topics.find((candidate) => candidate.name === name);
      const command = program.commands.find((candidate) => candidate.name() === name);
      if (name === undefined) program.outputHelp();
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

function unknown(name: string, commands: readonly CommandEntry[]): UsageError {
  const known = [...new Set([...commands, ...topics].map((entry) => entry.name))];
  return new UsageError(
    `there is no help for ${JSON.stringify(name)}`,
    `there is help for: ${known.join(", ")}`,
  );
}
