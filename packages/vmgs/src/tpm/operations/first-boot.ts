/** The first boot of a virtual TPM, as a whole (spec: tpm, first boot of the device). */

import { VmgsError, type Warning } from "../../errors/index.ts";
import type { Secret } from "../../secret/index.ts";
import type { TpmEngine, TpmWaitOptions } from "../engine/index.ts";
import { type Cut, repairTpmState } from "../nvram/index.ts";
import { describeHandle, describeResponseCode, NvIndexHandle, TPM_RC } from "../protocol/index.ts";
import { TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import { checkIndexSizes, prepareCertificateIndex } from "./certificate-index.ts";
import {
  AK_CERTIFICATE_INDEX_SIZE,
  ATTESTATION_REPORT_SIZE,
  type CertificateIndexDecision,
  type CertificateIndexRequest,
} from "./certificate-index-decision.ts";
import { importGuestSecretKey, readGuestSecretKey } from "./guest-secret.ts";
import { createTpmAk, createTpmEk, type TpmAk, type TpmKey } from "./keys.ts";
import {
  allocateTpmPcrBanks,
  clearTpmPlatformContext,
  initializeTpm,
  type PcrBanks,
  refreshTpmSeeds,
} from "./lifecycle.ts";
import { createTpmAuthValue, writeTpmNvIndex } from "./nv-data.ts";

/** The state of a TPM, and in which engine's format. */
export interface TpmStateBlob {
  /** As in `TpmEngineState`: `1.38` for file 3 of a store. */
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** What the firmware left for the next boot to do. */
export type PhysicalPresenceOperation =
  | { readonly kind: "clear" }
  | ({ readonly kind: "pcrBanks" } & PcrBanks);

/** What a first boot is asked to do. Everything may be left away. */
export interface FirstBootRequest {
  /** State to start from; else the engine starts from its own. */
  readonly state?: TpmStateBlob | undefined;
  /** The state has 16 KiB, made by the older service. Known by itself when a state of format `1.38` is given. */
  readonly smallVtpm?: boolean | undefined;
  /** The identity of the VM changed: it gets new seeds. */
  readonly refreshSeeds?: boolean | undefined;
  readonly physicalPresence?: PhysicalPresenceOperation | undefined;
  /** A confidential VM gets a new AK at every boot. */
  readonly confidential?: boolean | undefined;
  /** Whether the certificate index is made when there is none; true by default. */
  readonly createIndex?: boolean | undefined;
  /** Bytes of the certificate index, 4096 by default. */
  readonly indexSize?: number | undefined;
  /** Whether the old certificate is kept; by default it is, unless the seeds are refreshed. */
  readonly preserveCertificate?: boolean | undefined;
  /** A new AK certificate, in DER. */
  readonly certificate?: Uint8Array | undefined;
  /** Whether attestation reports are supported; true when one is given. */
  readonly attestationReport?: boolean | undefined;
  /** Bytes of the report index, 2900 by default. */
  readonly reportSize?: number | undefined;
  readonly report?: Uint8Array | undefined;
  /** File 13 of the store. */
  readonly guestSecretKey?: Uint8Array | undefined;
  /** Whether the state is wanted at the end; the engine must be able to give it. */
  readonly saveState?: boolean | undefined;
  /** Authorization value of this boot's indices; 8 random bytes by default. */
  readonly authValue?: Secret | undefined;
}

/** What was done. */
export interface FirstBootOutcome {
  /** The state was put into the engine before. */
  readonly restored: boolean;
  /** What a repair of a 16 KiB state took away, or null. */
  readonly cut: Cut | null;
  /** Somebody had started the TPM before. */
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

/** What can be told while a boot is under way. */
export interface FirstBootOptions extends TpmWaitOptions {
  /** Called before each step with its name. */
  readonly onStep?: ((step: string) => void) | undefined;
}

/**
 * Does to a TPM what the first boot of a virtual machine does.
 *
 * @throws VmgsError VMGS_TPM_ENGINE_CANNOT when a state is given or wanted and the engine has none of its format;
 * VMGS_TPM_INPUT when the TPM takes no index of the asked size, before any key or index is changed; VMGS_TPM_REFUSED;
 * and as `ask`
 */
export async function runFirstBoot(
  engine: TpmEngine,
  request: FirstBootRequest = {},
  { signal, onStep = () => undefined }: FirstBootOptions = {},
): Promise<FirstBootOutcome> {
  const wait = { signal };
  const small = request.smallVtpm ?? isSmall(request.state);
  const refreshSeeds = request.refreshSeeds ?? false;
  const indexRequest = indexRequestOf(request, small);
  const authValue = request.authValue ?? createTpmAuthValue();
  checkState(engine, request);
  checkContents(request, indexRequest);
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
  const ak = await createTpmAk(engine, {
    force: !small || request.confidential === true || refreshSeeds,
    signal,
  });
  onStep("making the EK");
  const ek = await createTpmEk(engine, wait);
  onStep("preparing the indices");
  const index = await prepareCertificateIndex(engine, indexRequest, { authValue, signal });
  onStep("writing");
  const refused = whyNoRenewal(ak, index);
  const { certificate: newCertificate, report, guestSecretKey } = request;
  if (newCertificate !== undefined && refused === null) {
    await writeTpmNvIndex(engine, NvIndexHandle.AK_CERTIFICATE, newCertificate, { authValue, signal });
  }
  if (report !== undefined) {
    await writeTpmNvIndex(engine, NvIndexHandle.ATTESTATION_REPORT, report, { authValue, signal });
  }
  const imported = guestSecretKey !== undefined && (await importGuestSecretKey(engine, guestSecretKey, wait));
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
    certificate: newCertificate === undefined ? "none" : refused === null ? "written" : "refused",
    reportWritten: report !== undefined,
    guestSecretKey: guestSecretKey === undefined ? "none" : imported ? "imported" : "present",
    state,
    warnings: [
      ...keyWarnings({ AK: ak, EK: ek }),
      ...presenceWarnings(physicalPresence),
      ...index.warnings,
      ...(newCertificate === undefined || refused === null
        ? []
        : [{ code: "VMGS_TPM_RENEWAL_REFUSED", message: refused } as const]),
    ],
  };
}

function isSmall(state: TpmStateBlob | undefined): boolean {
  return state?.format === "1.38" && state.bytes.length === TPM_NVRAM_SIZE.legacy;
}

function indexRequestOf(request: FirstBootRequest, small: boolean): CertificateIndexRequest {
  return {
    create: request.createIndex ?? true,
    preserve: request.preserveCertificate ?? request.refreshSeeds !== true,
    repairSmallVtpm: small,
    attestationReport: request.attestationReport ?? request.report !== undefined,
    size: request.indexSize,
    reportSize: request.reportSize,
  };
}

function checkState({ name, state }: TpmEngine, request: FirstBootRequest): void {
  const wanted = request.state;
  if (wanted === undefined && request.saveState !== true) return;
  if (state === undefined) {
    throw new VmgsError("VMGS_TPM_ENGINE_CANNOT", `${name} keeps its state to itself`);
  }
  if (wanted === undefined || wanted.format === state.format) return;
  const message = `${name} takes a state of format ${state.format}, and this is one of format ${wanted.format}`;
  throw new VmgsError("VMGS_TPM_ENGINE_CANNOT", message);
}

/** What would only turn out to be wrong when half of the boot is done. */
function checkContents(
  { certificate, report, guestSecretKey }: FirstBootRequest,
  { size = AK_CERTIFICATE_INDEX_SIZE, reportSize = ATTESTATION_REPORT_SIZE }: CertificateIndexRequest,
): void {
  if (guestSecretKey !== undefined) readGuestSecretKey(guestSecretKey);
  for (const [nvIndex, data, limit] of [
    [NvIndexHandle.AK_CERTIFICATE, certificate, size],
    [NvIndexHandle.ATTESTATION_REPORT, report, reportSize],
  ] as const) {
    if (data === undefined || data.length <= limit) continue;
    const message = `${data.length} bytes do not fit ${describeHandle(nvIndex)}, which gets ${limit}`;
    throw new VmgsError("VMGS_TPM_INPUT", message, { nvIndex, bytes: data.length, limit });
  }
}

async function restore(
  engine: TpmEngine,
  blob: TpmStateBlob | undefined,
  options: TpmWaitOptions,
): Promise<{ readonly cut: Cut | null; readonly restored: boolean }> {
  if (blob === undefined || engine.state === undefined) return { cut: null, restored: false };
  const { bytes, cut } = isSmall(blob) ? repairTpmState(blob.bytes) : { bytes: blob.bytes, cut: null };
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
  if (!ak.canRenew) return "the AK is none that the platform made: its certificate is not renewed";
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
