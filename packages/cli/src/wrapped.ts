/** Lines of results that fit the terminal. */

import { type CommandContext, widthOf } from "./context.ts";
import { wrapText } from "./terminal/index.ts";

/** Prints text after a prefix, and what does not fit under itself. Both must be safe text. */
export async function printWrapped(
  { stdout }: CommandContext,
  prefix: string,
  text: string,
  color: (text: string) => string = (plain) => plain,
): Promise<void> {
  const lines = wrapText(text, widthOf(stdout) - prefix.length);
  const indent = " ".repeat(prefix.length);
  for (const [i, line] of lines.entries()) {
    await stdout.write(`${i === 0 ? prefix : indent}${color(line)}\n`);
  }
}
