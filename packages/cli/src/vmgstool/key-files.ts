/** Key files for tests. Only their owner may read them. */

import { VmgsError } from "vmgskit";
import type { CommandContext } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { writeWhole } from "../output-file.ts";
import { exists } from "./create-file.ts";

const KEY_BYTES = 32;

export function randomKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** @throws UsageError for anything but one ASCII character */
export function repeatedKey(character: string): Uint8Array {
  const code = character.codePointAt(0) ?? 0;
  if (character.length !== 1 || code > 0x7f) throw new UsageError("--repeated takes one ASCII character");
  return new Uint8Array(KEY_BYTES).fill(code);
}

/**
 * One that is replaced becomes private as well.
 *
 * @throws VmgsError VMGS_FILE_EXISTS unless it may be replaced
 */
export async function makeKeyFile(
  { signal }: CommandContext,
  path: string,
  key: Uint8Array,
  replace: boolean,
): Promise<void> {
  await writeWhole(path, key, { isPrivate: true, replace, role: "the key file", signal });
}

/** @throws VmgsError VMGS_FILE_EXISTS */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new VmgsError("VMGS_FILE_EXISTS", `the key file ${path} exists already`, { path });
}
