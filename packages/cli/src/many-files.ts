/** Commands that take several stores: an unreadable one is told and does not stop the rest. */

import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { reportError } from "./messages.ts";
import { loadProgress } from "./terminal/index.ts";

/** Files from which on a progress display is worth loading. */
const MANY = 100;

/**
 * Runs `action` for each file. The exit code is that of the file for one file; for several it is 1 when any failed.
 */
export async function forEachFile(
  context: CommandContext,
  files: readonly string[],
  action: (file: string) => Promise<void>,
): Promise<number> {
  const progress =
    files.length < MANY ? undefined : (await loadProgress()).startProgress(context, files.length, "stores");
  let code: number = ExitCode.done;
  for (const file of files) {
    context.signal.throwIfAborted();
    try {
      await action(file);
    } catch (error) {
      await reportError(context, error, file);
      code = files.length === 1 ? exitCodeOf(error) : ExitCode.failed;
    }
    progress?.step();
  }
  progress?.stop();
  return code;
}
