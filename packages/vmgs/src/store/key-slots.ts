/** Which key slots a datastore key opens, without changing anything (spec: encryption). */

import { type Disk, diskIn } from "../disk/index.ts";
import { VmgsError } from "../errors/index.ts";
import type { HeaderSlot } from "../format/index.ts";
import { checkKey, datastoreKey, type Secret } from "../secret/index.ts";
import type { ByteSource } from "../source/index.ts";
import { run, type Steps, webCipher } from "../steps/index.ts";
import { openSteps } from "./open-steps.ts";
import { isEncrypted, type StoreState, usedKeySlots } from "./state.ts";
import { checkOpenOptions, type OpenOptions } from "./store.ts";
import { openKeySlot, readFileKeys } from "./unlock-steps.ts";

/** What a key does with a key slot. */
export type KeySlotResult =
  /** The slot is not in use. */
  | "empty"
  /** Another key is in it. */
  | "otherKey"
  /** The key opens it, but what is in it does not open the extended file table, and the other slot is in use. */
  | "stale"
  /** The key opens it, but the extended file table is damaged. */
  | "damaged"
  /** The key opens the store. */
  | "opens";

/** A key slot, tried with a key. */
export interface KeySlotCheck {
  readonly slot: HeaderSlot;
  readonly result: KeySlotResult;
}

/**
 * Tries a datastore key on both key slots of a store.
 *
 * @throws VmgsError as `openStore`; VMGS_NOT_ENCRYPTED, VMGS_KEY_LENGTH, VMGS_KEY_ZERO
 */
export async function checkKeySlots(
  source: ByteSource | Disk,
  key: Uint8Array | Secret,
  options: Omit<OpenOptions, "key"> = {},
): Promise<readonly [KeySlotCheck, KeySlotCheck]> {
  checkKey(key, "key");
  checkOpenOptions(options, "options");
  const { cipher = webCipher, generation } = options;
  const secret = datastoreKey(key);
  const disk = await diskIn(source, options);
  const state = await run(openSteps(disk, generation), disk, cipher, options);
  if (!isEncrypted(state)) throw new VmgsError("VMGS_NOT_ENCRYPTED", "the store is not encrypted");
  return [
    { slot: 0, result: await run(checkSlot(state, 0, secret), disk, cipher, options) },
    { slot: 1, result: await run(checkSlot(state, 1, secret), disk, cipher, options) },
  ];
}

function* checkSlot(state: StoreState, slot: HeaderSlot, key: Secret): Steps<KeySlotResult> {
  const used = usedKeySlots(state.header);
  if (!used.includes(slot)) return "empty";
  const metadataKey = yield* openKeySlot(state, slot, key);
  if (metadataKey === null) return "otherKey";
  if ((yield* readFileKeys(state, metadataKey)) !== null) return "opens";
  return used.length > 1 ? "stale" : "damaged";
}
