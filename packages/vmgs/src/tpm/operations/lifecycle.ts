/** Starting, restarting, clearing and reseeding a TPM (spec: tpm, engine and helper). */

import { checkObject } from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import {
  ChangeEPS,
  ChangePPS,
  Clear,
  ClearControl,
  PCR_Allocate,
  pcrAllocation,
  SelfTest,
  Shutdown,
  Startup,
  TPM_RC,
  TPM_RH,
  TPM_SU,
} from "../protocol/index.ts";
import { listTpmPcrBanks } from "./find.ts";
import { ask, perform, refusal } from "./perform.ts";

/** How a TPM was found. */
export interface InitializedTpm {
  /** Startup had been sent before: by a firmware, a kernel, or swtpm itself. */
  readonly alreadyStarted: boolean;
}

/**
 * Startup(CLEAR) and a full self-test. A TPM that was started already only tests itself.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function initializeTpm(
  engine: TpmEngine,
  options: TpmWaitOptions = {},
): Promise<InitializedTpm> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  const values = { startupType: TPM_SU.CLEAR };
  const reply = await ask(engine, Startup, values, options);
  const alreadyStarted = !reply.ok && reply.responseCode === TPM_RC.INITIALIZE;
  if (!reply.ok && !alreadyStarted) throw refusal(Startup, values, reply.responseCode);
  await perform(engine, SelfTest, { fullTest: 1 }, options);
  return { alreadyStarted };
}

/**
 * An orderly Shutdown, a loss of power, and a start.
 *
 * @throws VmgsError VMGS_TPM_ENGINE_CANNOT when the engine has no power to take away, and as `initializeTpm`
 */
export async function restartTpm(engine: TpmEngine, options: TpmWaitOptions = {}): Promise<void> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  if (engine.powerCycle === undefined) {
    throw new VmgsError("VMGS_TPM_ENGINE_CANNOT", `${engine.name} can't be restarted from here`);
  }
  await perform(engine, Shutdown, { shutdownType: TPM_SU.CLEAR }, options);
  await engine.powerCycle(options);
  await initializeTpm(engine, options);
}

/**
 * Takes away what owner and guest made: keys of the owner and endorsement hierarchies, the owner's indices and all
 * their authorizations. What the platform made stays.
 *
 * @returns the TPM's response code, for the firmware: 0 = done
 * @throws VmgsError as `ask`
 */
export async function clearTpmPlatformContext(
  engine: TpmEngine,
  options: TpmWaitOptions = {},
): Promise<number> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  const authHandle = TPM_RH.PLATFORM;
  const allowed = await ask(engine, ClearControl, { authHandle, disable: 0 }, options);
  if (!allowed.ok) return allowed.responseCode;
  const cleared = await ask(engine, Clear, { authHandle }, options);
  return cleared.ok ? TPM_RC.SUCCESS : cleared.responseCode;
}

/**
 * Gives the TPM another identity: new endorsement and platform seeds. Keys under the old ones are gone.
 *
 * @throws VmgsError VMGS_TPM_REFUSED, and as `ask`
 */
export async function refreshTpmSeeds(engine: TpmEngine, options: TpmWaitOptions = {}): Promise<void> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  const authHandle = TPM_RH.PLATFORM;
  await perform(engine, ChangeEPS, { authHandle }, options);
  await perform(engine, ChangePPS, { authHandle }, options);
}

/** Which PCR banks a TPM should have; bitmaps of `PCR_BANK`. */
export interface PcrBanks {
  readonly wanted: number;
  /** Banks that the TPM has; those that are not wanted are switched off. By default the TPM is asked. */
  readonly supported?: number | undefined;
}

/**
 * Chooses the PCR banks that the TPM has after its next start.
 *
 * @returns the TPM's response code, for the firmware: 0 = done
 * @throws VmgsError as `ask`
 */
export async function allocateTpmPcrBanks(
  engine: TpmEngine,
  banks: PcrBanks,
  options: TpmWaitOptions = {},
): Promise<number> {
  checkEngine(engine, "engine");
  checkObject(banks, "banks", "wanted");
  checkTpmWaitOptions(options, "options");
  const { wanted, supported } = banks;
  const known = supported ?? (await listTpmPcrBanks(engine, options)) | wanted;
  const values = { authHandle: TPM_RH.PLATFORM, pcrAllocation: pcrAllocation(wanted, known) };
  const reply = await ask(engine, PCR_Allocate, values, options);
  return reply.ok ? TPM_RC.SUCCESS : reply.responseCode;
}
