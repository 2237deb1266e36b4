/** Opening stores that may be broken, for the commands that look at their past. */

import type { Warning } from "vmgskit";
import { openFileForRecovery, type RecoveryDiskFile } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { describeError, type ErrorDocument } from "./messages.ts";
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

/** The file around the store, as documents tell it. */
export interface ContainerDocument {
  readonly kind: "vhd" | "raw";
  readonly sectorSize: number;
  readonly bytes: number;
  readonly storeBytes: number;
  /** What is wrong with it, or null. */
  readonly error: ErrorDocument | null;
}

export function containerDocument({ container, containerProblem }: RecoveryDiskFile): ContainerDocument {
  const { kind, sectorSize, fileBytes, diskBytes } = container;
  const error = containerProblem === null ? null : describeError(containerProblem);
  return { kind, sectorSize, bytes: fileBytes, storeBytes: diskBytes, error };
}

/** What people should know of the container before anything else. */
export function containerWarnings({ container, containerProblem }: RecoveryDiskFile): Warning[] {
  if (containerProblem === null) return [...container.warnings];
  const message = `${containerProblem.message}; read as a raw image`;
  return [{ code: "VMGS_RAW_WITHOUT_FOOTER", message }];
}
