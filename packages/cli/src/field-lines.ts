/** Names and values, one a line, as marker and variables are shown. */

import { type CommandContext, widthOf } from "./context.ts";
import { print } from "./messages.ts";
import { wrapText } from "./terminal/index.ts";

const NAME_WIDTH = 16;

/** One field; the value is cut into lines of the terminal's width. Both must be safe text. */
export async function printField(context: CommandContext, name: string, value: string): Promise<void> {
  const lines = wrapText(value, widthOf(context.stdout) - Math.max(NAME_WIDTH, name.length) - 3);
  const under = `\n${" ".repeat(NAME_WIDTH + 3)}`;
  await print(context, `  ${context.colors.dim(name.padEnd(NAME_WIDTH))} ${lines.join(under)}`.trimEnd());
}
