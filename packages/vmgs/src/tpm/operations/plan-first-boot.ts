/** What a first boot would do to a TPM, found out by looking only. */

import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import { PersistentHandle, TPMA_NV } from "../protocol/index.ts";
import { checkIndexSizes, examineCertificateIndex } from "./certificate-index.ts";
import { type CertificateIndexDecision, decideCertificateIndex } from "./certificate-index-decision.ts";
import { findTpmObject } from "./find.ts";
import { checkFirstBootRequest, type FirstBootRequest, readFirstBootRequest } from "./first-boot-request.ts";
import { isPlatformAk } from "./keys.ts";
import { type InitializedTpm, initializeTpm } from "./lifecycle.ts";

/** What would be done. */
export interface FirstBootPlan extends InitializedTpm {
  /** Whether an AK would be made, or the one that is there kept. */
  readonly ak: "make" | "keep";
  /** Whether a certificate would be written for it, should one be given. */
  readonly canRenew: boolean;
  readonly index: CertificateIndexDecision;
}

/**
 * Looks at a TPM and returns what `runFirstBoot` would do to it. To look, the TPM is started and tested, unless it was
 * started before; nothing else is done. A state to be restored is not considered.
 *
 * @throws VmgsError as `runFirstBoot`
 */
export async function planFirstBoot(
  engine: TpmEngine,
  request: FirstBootRequest = {},
  options: TpmWaitOptions = {},
): Promise<FirstBootPlan> {
  checkEngine(engine, "engine");
  checkFirstBootRequest(request, "request");
  checkTpmWaitOptions(options, "options");
  const { forceAk, indexRequest } = readFirstBootRequest(engine, request);
  const { alreadyStarted } = await initializeTpm(engine, options);
  await checkIndexSizes(engine, indexRequest, options);
  const clears = request.physicalPresence?.kind === "clear";
  const gone = forceAk || clears;
  const ak = gone ? null : await findTpmObject(engine, PersistentHandle.AK, options);
  const facts = await examineCertificateIndex(engine, options);
  // Clear takes with it what the owner made.
  const isOwners = facts.index !== null && !TPMA_NV.has(facts.index.attributes, "PLATFORMCREATE");
  const index = decideCertificateIndex(clears && isOwners ? { ...facts, index: null } : facts, indexRequest);
  return {
    alreadyStarted,
    ak: ak === null ? "make" : "keep",
    canRenew: ak === null || isPlatformAk(ak),
    index,
  };
}
