import type { CommandDeclaration, CommandEntry } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { renderManPages } from "../man-pages.ts";
import { loadAll } from "../program.ts";

/** `vmgs man` over all commands. */
export function man(commands: readonly CommandEntry[]): CommandDeclaration {
  return {
    name: "man",
    summary: "print a man page",
    description: "The pages are installed with the package; this is for where they are not.",
    args: [
      {
        name: "COMMAND",
        meaning: "a command; the overview without it",
        required: false,
        complete: () => commands.map(({ name, summary }) => ({ value: name, meaning: summary })),
      },
    ],
    options: [],
    examples: [
      { command: "vmgs man inspect | man -l -", meaning: "read the page of a command" },
      { command: "vmgs man > vmgs.1", meaning: "save the overview" },
    ],
    async run({ stdout }, args) {
      const name = args[0] as string | undefined;
      const pages = renderManPages(await loadAll(commands));
      const page = pages.get(name === undefined ? "vmgs.1" : `vmgs-${name}.1`);
      if (page === undefined) {
        const known = commands.map((entry) => entry.name).join(", ");
        throw new UsageError(
          `there is no man page for ${JSON.stringify(name)}`,
          `there are pages for: ${known}`,
        );
      }
      await stdout.write(page);
      return 0;
    },
  };
}
