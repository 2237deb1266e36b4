/** Opening guest state of either version for reading, as the common options say. */

import { isVmgsError, type Warning } from "vmgskit";
import { type GuestState, guestStateVersion, openGuestState } from "vmgskit/guest-state";
import { nodeCipher } from "vmgskit/node";
import type { CommandContext } from "./context.ts";
import type { OptionValues } from "./declaration/index.ts";
import { reportWarnings } from "./messages.ts";
import { openDiskForReading } from "./reading.ts";
import { generationOf, openingWarnings, readStoreKey, unlockIfEncrypted } from "./stores.ts";

/**
 * Opens guest state of either version for reading, does something, closes. A version 1 file is never encrypted: a key
 * is then not used.
 */
export async function withGuestState<T>(
  context: CommandContext,
  file: string,
  options: OptionValues,
  action: (state: GuestState, warnings: readonly Warning[]) => T | Promise<T>,
): Promise<T> {
  const key = await readStoreKey(context, options, file);
  await using disk = await openDiskForReading(context, file, options);
  const state = await openGuestState(disk, { cipher: nodeCipher, generation: generationOf(options) });
  const warnings = state.version === 1 ? disk.container.warnings : openingWarnings(disk, state.store);
  await reportWarnings(context, warnings, file);
  if (key !== undefined && state.version === 3) await unlockIfEncrypted(state.store, key);
  return await action(state, warnings);
}

/** True for a version 1 file, as Windows keeps it, sound or not; also false for a file that is not a disk. */
export async function isV1File(
  context: CommandContext,
  file: string,
  options: OptionValues,
): Promise<boolean> {
  try {
    await using disk = await openDiskForReading(context, file, options);
    return (await guestStateVersion(disk)) === 1;
  } catch (error) {
    if (isVmgsError(error)) return false;
    throw error;
  }
}
