import type { CommandDeclaration, CommandNode } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { manPageFile, renderManPages } from "../man-pages.ts";
import { loadAll } from "../program.ts";
import { knownNames, nameSuggestions } from "./names.ts";

/** `vmgs man` over all commands. */
export function man(commands: readonly CommandNode[]): CommandDeclaration {
  return {
    name: "man",
    summary: "print a man page",
    description: "The pages are installed with the package; this is for where they are not.",
    args: [
      {
        name: "COMMAND",
        meaning: "a command; the overview without it",
        required: false,
        many: true,
        complete: (before) => nameSuggestions(commands, before),
      },
    ],
    options: [],
    examples: [
      { command: "vmgs man inspect | man -l -", meaning: "read the page of a command" },
      { command: "vmgs man > vmgs.1", meaning: "save the overview" },
    ],
    async run({ stdout }, args) {
      const name = ((args[0] as readonly string[] | undefined) ?? []).join(" ");
      const page = renderManPages(commands, await loadAll(commands)).get(manPageFile(name));
      if (page === undefined) {
        throw new UsageError(
          `there is no man page for ${JSON.stringify(name)}`,
          `there are pages for: ${knownNames(commands).join(", ")}`,
        );
      }
      await stdout.write(page);
      return 0;
    },
  };
}
