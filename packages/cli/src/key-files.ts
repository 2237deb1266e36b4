/** Files of the host that hold a key. */

import { type ParsedKey, parseKeyFile } from "vmgskit";
import type { CommandContext } from "./context.ts";
import { isAbort, UsageError } from "./exit-codes.ts";
import { InputLimit, readInputStart } from "./inputs.ts";
import { looksLikeKey } from "./terminal/index.ts";

/**
 * The key in a file, or on standard input for `-`. `option` is what named it, for the message.
 *
 * @throws VmgsError VMGS_KEY_LENGTH, VMGS_FILE_NOT_FOUND; UsageError for a key instead of a file name
 */
export async function readKeyAt(
  context: Pick<CommandContext, "readStdin" | "signal">,
  path: string,
  option: string,
): Promise<ParsedKey> {
  const content = await readKeyFile(context, path, option);
  const parsed = parseKeyFile(content);
  content.fill(0);
  return parsed;
}

async function readKeyFile(
  context: Pick<CommandContext, "readStdin" | "signal">,
  path: string,
  option: string,
): Promise<Uint8Array> {
  try {
    return await readInputStart(context, { path, role: "the key file", limit: InputLimit.key });
  } catch (error) {
    if (isAbort(error) || !looksLikeKey(path)) throw error;
    throw new UsageError(
      `${option} takes the name of a file, and what was given looks like a key`,
      "save the key in a file, or pass - to read it from standard input",
    );
  }
}
