/** Importing the guest secret key of a store's file 13 (spec: tpm, engine and helper). */

import { checkBytes } from "../../arguments/index.ts";
import { isVmgsError, VmgsError } from "../../errors/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import {
  decodeGuestSecretKey,
  EvictControl,
  FlushContext,
  type GuestSecretKey,
  Import,
  Load,
  PersistentHandle,
  ReadPublic,
  TPM_RC,
  TPM_RH,
} from "../protocol/index.ts";
import { findTpmObject } from "./find.ts";
import { perform, refusal } from "./perform.ts";

/**
 * Imports the guest secret key under the SRK and keeps it at 0x81000004, unless something is there already.
 *
 * @param blob TPM2B_PUBLIC, TPM2B_PRIVATE, TPM2B_ENCRYPTED_SECRET; padding may follow
 * @returns whether it was imported now
 * @throws VmgsError VMGS_TPM_INPUT when the blob is not a guest secret key; VMGS_TPM_REFUSED, also when there is no SRK; and as `ask`
 */
export async function importGuestSecretKey(
  engine: TpmEngine,
  blob: Uint8Array,
  options: TpmWaitOptions = {},
): Promise<boolean> {
  checkEngine(engine, "engine");
  checkBytes(blob, "blob");
  checkTpmWaitOptions(options, "options");
  const key = readGuestSecretKey(blob);
  const persistentHandle = PersistentHandle.GUEST_SECRET_KEY;
  if ((await findTpmObject(engine, persistentHandle, options)) !== null) return false;
  const parentHandle = PersistentHandle.SRK;
  if ((await findTpmObject(engine, parentHandle, options)) === null) {
    throw refusal(ReadPublic, { objectHandle: parentHandle }, TPM_RC.HANDLE_1);
  }
  const { objectPublic, duplicate, inSymSeed } = key;
  const encryptionKey = new Uint8Array(0);
  const symmetricAlg = { kind: "NULL" } as const;
  const { outPrivate } = await perform(
    engine,
    Import,
    { parentHandle, encryptionKey, objectPublic, duplicate, inSymSeed, symmetricAlg },
    options,
  );
  const loaded = await perform(
    engine,
    Load,
    { parentHandle, inPrivate: outPrivate, inPublic: objectPublic },
    options,
  );
  const { objectHandle } = loaded;
  try {
    await perform(engine, EvictControl, { auth: TPM_RH.OWNER, objectHandle, persistentHandle }, options);
  } finally {
    await perform(engine, FlushContext, { flushHandle: objectHandle }, options).catch(() => undefined);
  }
  return true;
}

/** @throws VmgsError VMGS_TPM_INPUT */
export function readGuestSecretKey(blob: Uint8Array): GuestSecretKey {
  try {
    return decodeGuestSecretKey(blob);
  } catch (cause) {
    if (!isVmgsError(cause, "VMGS_LAYOUT")) throw cause;
    throw new VmgsError("VMGS_TPM_INPUT", `this is not a guest secret key: ${cause.message}`, {}, { cause });
  }
}
