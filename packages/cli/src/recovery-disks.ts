/** Opening stores that may be broken, for the commands that look at their past. */

import type { Warning } from "vmgskit";
import { openFileForRecovery, type RecoveryDiskFile } from "vmgskit/node";
import { type RecoveryContainer, recoveryContainer } from "vmgskit/report";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { describeError } from "./messages.ts";
import { containerOptions } from "./stores.ts";

/** Opens a file, broken container or not. A long scan ends when Ctrl-C is pressed. */
export async function openBroken(
  { signal }: CommandContext,
  file: string,
  options: OptionValues,
): Promise<RecoveryDiskFile> {
  const disk = await openFileForRecovery(file, containerOptions(options));
  return {
    ...disk,
    async read(offset, into) {
      signal.throwIfAborted();
      await disk.read(offset, into);
    },
  };
}

/** The file around the store, as documents show it. */
export function containerDocument(disk: RecoveryDiskFile): RecoveryContainer {
  const { containerProblem } = disk;
  return recoveryContainer(disk, containerProblem === null ? null : describeError(containerProblem));
}

/** What people should know of the container before anything else. */
export function containerWarnings({ container, containerProblem }: RecoveryDiskFile): Warning[] {
  if (containerProblem === null) return [...container.warnings];
  const message = `${containerProblem.message}; read as a raw image`;
  return [{ code: "VMGS_RAW_WITHOUT_FOOTER", message }];
}
