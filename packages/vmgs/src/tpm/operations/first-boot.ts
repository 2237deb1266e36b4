/** The first boot of a virtual TPM, as a whole (spec: tpm, first boot of the device). */

import { checkCallback, checkSignal, optionsOf } from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import type { Secret } from "../../secret/index.ts";
import { checkEngine } from "../engine/engine.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import { type Cut, repairTpmState } from "../nvram/index.ts";
import { describeHandle, describeResponseCode, NvIndexHandle, TPM_RC } from "../protocol/index.ts";
import { checkIndexSizes, prepareCertificateIndex } from "./certificate-index.ts";
import type { CertificateIndexDecision } from "./certificate-index-decision.ts";
import {
  checkFirstBootRequest,
  type FirstBootRequest,
  isSmallState,
  type PhysicalPresenceOperation,
  readFirstBootRequest,
  type TpmStateBlob,
} from "./first-boot-request.ts";
import { importGuestSecretKey } from "./guest-secret.ts";
import { createTpmAk, createTpmEk, type TpmAk, type TpmKey } from "./keys.ts";
import { allocateTpmPcrBanks, clearTpmPlatformContext, initializeTpm, refreshTpmSeeds } from "./lifecycle.ts";
import { createTpmAuthValue, writeTpmNvIndex } from "./nv-data.ts";

/** What was done. */
export interface FirstBootOutcome {
  /** The state was put into the engine before. */
  readonly restored: boolean;
  /** What a repair of a 16 KiB state took away, or null. */
  readonly cut: Cut | null;
  /** The TPM had been started before. */
  readonly alreadyStarted: boolean;
  readonly seedsRefreshed: boolean;
  /** Response code of the physical presence operation, for the firmware; null when none was pending. */
  readonly physicalPresence: number | null;
  readonly ak: TpmAk;
  readonly ek: TpmKey;
  readonly index: CertificateIndexDecision;
  /** `refused`: who holds the AK or the index is not the platform. */
  readonly certificate: "none" | "written" | "refused";
  readonly reportWritten: boolean;
  /** `present`: there was one already. */
  readonly guestSecretKey: "none" | "imported" | "present";
  /** The state to be stored, or null when it was not wanted. Holds seeds and private keys. */
  readonly state: Uint8Array<ArrayBuffer> | null;
  readonly warnings: readonly Warning[];
}

/** What can be set for a first boot. */
export interface FirstBootOptions extends TpmWaitOptions {
  /** Called before each step with its name. */
  readonly onStep?: ((step: string) => void) | undefined;
}

const checkFirstBootOptions = optionsOf({
  onStep: checkCallback,
  signal: checkSignal,
});

/**
 * Does to a TPM what the first boot of a virtual machine does.
 *
 * @throws VmgsError VMGS_TPM_ENGINE_CANNOT when a state is given or wanted and the engine has none of its format;
 * VMGS_TPM_INDEX_SIZE when the TPM takes no index of the asked size, before any key or index is changed;
 * VMGS_TPM_REFUSED; and as `ask`
 */
export async function runFirstBoot(
  engine: TpmEngine,
  request: FirstBootRequest = {},
  options: FirstBootOptions = {},
): Promise<FirstBootOutcome> {
  checkEngine(engine, "engine");
  checkFirstBootRequest(request, "request");
  checkFirstBootOptions(options, "options");
  const { signal, onStep = () => undefined } = options;
  const wait = { signal };
  const { forceAk, indexRequest } = readFirstBootRequest(engine, request);
  const refreshSeeds = request.refreshSeeds ?? false;
  const authValue = request.authValue ?? createTpmAuthValue();
  onStep("restoring the state");
  const { cut, restored } = await restore(engine, request.state, wait);
  onStep("starting");
  const { alreadyStarted } = await initializeTpm(engine, wait);
  await checkIndexSizes(engine, indexRequest, wait);
  if (refreshSeeds) {
    onStep("making new seeds");
    await refreshTpmSeeds(engine, wait);
  }
  const physicalPresence = await runPhysicalPresence(engine, request.physicalPresence, wait);
  onStep("making the AK");
  const ak = await createTpmAk(engine, { force: forceAk, signal });
  onStep("making the EK");
  const ek = await createTpmEk(engine, wait);
  onStep("preparing the indices");
  const index = await prepareCertificateIndex(engine, indexRequest, { authValue, signal });
  onStep("writing");
  const written = await writeContents(engine, request, { ak, index, authValue, signal });
  onStep("saving the state");
  const state =
    request.saveState === true && engine.state !== undefined ? await engine.state.save(wait) : null;
  return {
    restored,
    cut,
    alreadyStarted,
    seedsRefreshed: refreshSeeds,
    physicalPresence,
    ak,
    ek,
    index,
    certificate: written.certificate,
    reportWritten: written.reportWritten,
    guestSecretKey: written.guestSecretKey,
    state,
    warnings: [
      ...keyWarnings({ AK: ak, EK: ek }),
      ...presenceWarnings(physicalPresence),
      ...index.warnings,
      ...written.warnings,
    ],
  };
}

type Written = Pick<FirstBootOutcome, "certificate" | "reportWritten" | "guestSecretKey" | "warnings">;

interface WriteOptions extends TpmWaitOptions {
  readonly ak: TpmAk;
  readonly index: CertificateIndexDecision;
  readonly authValue: Secret;
}

/** Writes the certificate and the report, where the platform may, and imports the guest secret key. */
async function writeContents(
  engine: TpmEngine,
  { certificate, report, guestSecretKey }: FirstBootRequest,
  { ak, index, authValue, signal }: WriteOptions,
): Promise<Written> {
  const warnings: Warning[] = [];
  const noCertificate = certificate === undefined ? null : whyNoRenewal(ak, index);
  if (noCertificate !== null) warnings.push({ code: "VMGS_TPM_RENEWAL_REFUSED", message: noCertificate });
  else if (certificate !== undefined) {
    await writeTpmNvIndex(engine, NvIndexHandle.AK_CERTIFICATE, certificate, { authValue, signal });
  }
  const isReady = index.steps.some(
    (step) => step.kind === "define" && step.nvIndex === NvIndexHandle.ATTESTATION_REPORT,
  );
  if (report !== undefined && isReady) {
    await writeTpmNvIndex(engine, NvIndexHandle.ATTESTATION_REPORT, report, { authValue, signal });
  } else if (report !== undefined) {
    const name = describeHandle(NvIndexHandle.ATTESTATION_REPORT);
    const message = `${name} was not made, so the report is not written`;
    warnings.push({ code: "VMGS_TPM_REPORT_NOT_WRITTEN", message });
  }
  const imported =
    guestSecretKey !== undefined && (await importGuestSecretKey(engine, guestSecretKey, { signal }));
  return {
    certificate: certificate === undefined ? "none" : noCertificate === null ? "written" : "refused",
    reportWritten: report !== undefined && isReady,
    guestSecretKey: guestSecretKey === undefined ? "none" : imported ? "imported" : "present",
    warnings,
  };
}

async function restore(
  engine: TpmEngine,
  blob: TpmStateBlob | undefined,
  options: TpmWaitOptions,
): Promise<{ readonly cut: Cut | null; readonly restored: boolean }> {
  if (blob === undefined || engine.state === undefined) return { cut: null, restored: false };
  const { bytes, cut } = isSmallState(blob) ? repairTpmState(blob.bytes) : { bytes: blob.bytes, cut: null };
  await engine.state.restore(bytes, options);
  return { cut, restored: true };
}

function runPhysicalPresence(
  engine: TpmEngine,
  operation: PhysicalPresenceOperation | undefined,
  options: TpmWaitOptions,
): Promise<number | null> {
  if (operation === undefined) return Promise.resolve(null);
  return operation.kind === "clear"
    ? clearTpmPlatformContext(engine, options)
    : allocateTpmPcrBanks(engine, operation, options);
}

function whyNoRenewal(ak: TpmAk, { creator }: CertificateIndexDecision): string | null {
  const name = describeHandle(NvIndexHandle.AK_CERTIFICATE);
  if (!ak.canRenew) return "the platform did not make the AK: its certificate is not renewed";
  if (creator === "owner") return `${name} is the owner's: the certificate is not renewed`;
  return creator === null ? `there is no ${name} to write the certificate to` : null;
}

function keyWarnings(keys: Readonly<Record<string, TpmKey>>): Warning[] {
  return Object.entries(keys).flatMap(([name, { warning }]) =>
    warning === null
      ? []
      : [{ code: "VMGS_TPM_KEY_NOT_MADE", message: `there is no ${name}: ${warning}` } as const],
  );
}

function presenceWarnings(responseCode: number | null): Warning[] {
  if (responseCode === null || responseCode === TPM_RC.SUCCESS) return [];
  const { words } = describeResponseCode(responseCode);
  const message = `the TPM refused the physical presence operation: ${words}`;
  return [{ code: "VMGS_TPM_PHYSICAL_PRESENCE", message }];
}
