/** Commands that take several stores: an unreadable one is reported and does not stop the rest. */

import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf, isAbort, UsageError } from "./exit-codes.ts";
import { reportError } from "./messages.ts";
import { loadProgress } from "./terminal/index.ts";

/** Files from which on a progress display is worth loading. */
const MANY = 100;
/** Files after which signals are let through: reading without waiting would keep Ctrl-C out for ever. */
const PAUSE = 64;

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
  try {
    for (const [i, file] of files.entries()) {
      if (i % PAUSE === PAUSE - 1) await new Promise((resolve) => setImmediate(resolve));
      context.signal.throwIfAborted();
      try {
        await action(file);
      } catch (error) {
        if (error instanceof UsageError || isAbort(error)) throw error;
        await reportError(context, error, file);
        code = files.length === 1 ? exitCodeOf(error) : ExitCode.failed;
      }
      progress?.step();
    }
  } finally {
    progress?.stop();
  }
  return code;
}
