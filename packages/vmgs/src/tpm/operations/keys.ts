/** The attestation key and the endorsement key of a virtual TPM (spec: tpm, engine and helper). */

import { checkFlag, checkSignal, optionsOf } from "../../arguments/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import {
  akAttributes,
  akTemplate,
  CreatePrimary,
  EvictControl,
  ekTemplate,
  FlushContext,
  PersistentHandle,
  type PublicArea,
  type RsaPublicArea,
  TPM_RH,
} from "../protocol/index.ts";
import { findTpmObject } from "./find.ts";
import { perform } from "./perform.ts";

/** The public part of a key. */
export interface TpmKey {
  /** Null when the TPM refused to make it; users of the key then get zeros. */
  readonly publicArea: PublicArea | null;
  /** Modulus of an RSA key, big-endian; 256 zero bytes when there is none. */
  readonly modulus: Uint8Array;
  /** Why there is no key, in words. A guest that took ownership can cause that, so it is not an error. */
  readonly warning: string | null;
}

/** The attestation key. */
export interface TpmAk extends TpmKey {
  /** Whether it was made now. */
  readonly created: boolean;
  /**
   * Whether a certificate may be renewed for it: only when its attributes are exactly those of a platform's AK, else a
   * guest could have planted a key of its own.
   */
  readonly canRenew: boolean;
}

/** Whether an AK has exactly the attributes that a platform gives it. */
export function isPlatformAk(publicArea: PublicArea): boolean {
  return publicArea.kind === "RSA" && publicArea.objectAttributes === akAttributes();
}

/** How an attestation key is made. */
export interface CreateAkOptions extends TpmWaitOptions {
  /** Make a new one even if there is one; that is gone then. */
  readonly force?: boolean;
}

const checkCreateAkOptions = optionsOf({
  force: checkFlag,
  signal: checkSignal,
});

/**
 * Finds the attestation key, or makes it and keeps it at 0x81000003.
 *
 * @throws VmgsError VMGS_TPM_REFUSED when the TPM refuses to say whether there is one, and as `ask`
 */
export async function createTpmAk(engine: TpmEngine, options: CreateAkOptions = {}): Promise<TpmAk> {
  checkEngine(engine, "engine");
  checkCreateAkOptions(options, "options");
  const { force = false, signal } = options;
  const persistentHandle = PersistentHandle.AK;
  const existing = await findTpmObject(engine, persistentHandle, { signal });
  if (existing !== null && !force) {
    return {
      ...keyOf(existing),
      created: false,
      canRenew: isPlatformAk(existing),
    };
  }
  const made = await unlessRefused(async () => {
    if (existing !== null) {
      await perform(
        engine,
        EvictControl,
        { auth: TPM_RH.OWNER, objectHandle: persistentHandle, persistentHandle },
        { signal },
      );
    }
    return withPrimary(engine, akTemplate(), { signal }, (objectHandle) =>
      perform(engine, EvictControl, { auth: TPM_RH.OWNER, objectHandle, persistentHandle }, { signal }),
    );
  });
  return { ...made, created: made.publicArea !== null, canRenew: made.publicArea !== null };
}

/**
 * Makes the endorsement key anew, which gives the same key as long as the seed is the same, and returns its public part.
 * Nothing is kept in the TPM.
 *
 * @throws VmgsError as `ask`
 */
export function createTpmEk(engine: TpmEngine, options: TpmWaitOptions = {}): Promise<TpmKey> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  return unlessRefused(() => withPrimary(engine, ekTemplate(), options));
}

/** Makes a primary object in the endorsement hierarchy, with an empty password, for as long as `use` takes. */
async function withPrimary(
  engine: TpmEngine,
  template: RsaPublicArea,
  options: TpmWaitOptions,
  use: (objectHandle: number) => Promise<unknown> = async () => undefined,
): Promise<PublicArea> {
  const none = new Uint8Array(0);
  const { objectHandle, outPublic } = await perform(
    engine,
    CreatePrimary,
    {
      primaryHandle: TPM_RH.ENDORSEMENT,
      inSensitive: { userAuth: none, data: none },
      inPublic: template,
      outsideInfo: none,
      creationPcr: [],
    },
    options,
  );
  try {
    await use(objectHandle);
  } catch (error) {
    // The first failure is the one to report; a TPM that can't be reached keeps the object until its next start.
    await perform(engine, FlushContext, { flushHandle: objectHandle }, options).catch(() => undefined);
    throw error;
  }
  await perform(engine, FlushContext, { flushHandle: objectHandle }, options);
  return outPublic;
}

const MODULUS_BYTES = 256;

function keyOf(publicArea: PublicArea): TpmKey {
  const modulus = publicArea.kind === "RSA" ? publicArea.unique : new Uint8Array(MODULUS_BYTES);
  return { publicArea, modulus, warning: null };
}

async function unlessRefused(make: () => Promise<PublicArea>): Promise<TpmKey> {
  try {
    return keyOf(await make());
  } catch (error) {
    if (!isVmgsError(error, "VMGS_TPM_REFUSED")) throw error;
    return { publicArea: null, modulus: new Uint8Array(MODULUS_BYTES), warning: error.message };
  }
}
