/** Where keys go: into a file for its owner only, into a pipe, never to a terminal. */

import type { Secret } from "vmgskit";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { writeBytes } from "../../output-file.ts";

/** Refuses a terminal before anything is done. */
export function checkKeyOutput({ stdout, json }: CommandContext, { output }: OptionValues): void {
  if (output !== "-") return;
  if (json) throw new UsageError("the key and JSON can't both go to standard output");
  if (stdout.isTerminal) throw new UsageError("a key is not written to a terminal", "use -o FILE, or a pipe");
}

/** Writes the 32 bytes. */
export function writeKey(context: CommandContext, options: OptionValues, key: Secret): Promise<void> {
  checkKeyOutput(context, options);
  return writeBytes(context, options, key.expose(), { isPrivate: true });
}
