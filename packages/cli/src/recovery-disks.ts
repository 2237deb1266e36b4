/** Opening stores that may be broken, for the commands that look at their past. */

import type { Warning } from "vmgskit";
import { openForRecovery, type RecoveryDisk } from "vmgskit/recovery";
import { type RecoveryContainer, recoveryContainer } from "vmgskit/report";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { describeError } from "./messages.ts";
import { openSourceForReading } from "./reading.ts";
import { containerOptions } from "./stores.ts";

/** A possibly broken disk that is open. */
export type BrokenDisk = RecoveryDisk & AsyncDisposable;

/** Opens a file, broken container or not. A long scan ends when Ctrl-C is pressed. */
export async function openBroken(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<BrokenDisk> {
  const { signal } = context;
  const source = await openSourceForReading(context, file, options);
  try {
    const disk = await openForRecovery(source, { ...containerOptions(options), signal });
    return {
      ...disk,
      async read(offset, into) {
        signal.throwIfAborted();
        await disk.read(offset, into, { signal });
      },
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** The file around the store, as documents show it. */
export function containerDocument(disk: RecoveryDisk): RecoveryContainer {
  const { containerProblem } = disk;
  return recoveryContainer(disk, containerProblem === null ? null : describeError(containerProblem));
}

/** What people should know of the container before anything else. */
export function containerWarnings({ container, containerProblem }: RecoveryDisk): Warning[] {
  if (containerProblem === null) return [...container.warnings];
  const message = `${containerProblem.message}; read as a raw image`;
  return [{ code: "VMGS_RAW_WITHOUT_FOOTER", message }];
}
