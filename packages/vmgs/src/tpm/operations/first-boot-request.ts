/** What a first boot is asked to do, checked before anything is done. */

import {
  checkBytes,
  checkFlag,
  checkText,
  checkWhole,
  having,
  optionsOf,
  withMembers,
} from "../../arguments/index.ts";
import { VmgsError } from "../../errors/index.ts";
import { checkSecret, type Secret } from "../../secret/index.ts";
import type { TpmEngine } from "../engine/index.ts";
import { describeHandle, NvIndexHandle } from "../protocol/index.ts";
import { AK_CERTIFICATE_INDEX_SIZE, ATTESTATION_REPORT_SIZE, TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import type { CertificateIndexRequest } from "./certificate-index-decision.ts";
import { readGuestSecretKey } from "./guest-secret.ts";
import type { PcrBanks } from "./lifecycle.ts";

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

/** What a first boot is asked to do. Everything is optional. */
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

export const checkFirstBootRequest = optionsOf({
  state: withMembers({ format: checkText, bytes: checkBytes }),
  smallVtpm: checkFlag,
  refreshSeeds: checkFlag,
  physicalPresence: having(),
  confidential: checkFlag,
  createIndex: checkFlag,
  indexSize: checkWhole,
  preserveCertificate: checkFlag,
  certificate: checkBytes,
  attestationReport: checkFlag,
  reportSize: checkWhole,
  report: checkBytes,
  guestSecretKey: checkBytes,
  saveState: checkFlag,
  authValue: checkSecret,
});

/** What follows from a request. */
export interface FirstBootDecisions {
  /** A new AK is made even if there is one. */
  readonly forceAk: boolean;
  readonly indexRequest: CertificateIndexRequest;
}

/** @throws VmgsError VMGS_TPM_ENGINE_CANNOT, VMGS_TPM_INPUT, VMGS_TPM_INDEX_SIZE */
export function readFirstBootRequest(engine: TpmEngine, request: FirstBootRequest): FirstBootDecisions {
  const small = request.smallVtpm ?? isSmallState(request.state);
  const indexRequest = indexRequestOf(request, small);
  checkState(engine, request);
  checkContents(request, indexRequest);
  return { forceAk: !small || request.confidential === true || request.refreshSeeds === true, indexRequest };
}

/** A state of 16 KiB, as the older service made it. */
export function isSmallState(state: TpmStateBlob | undefined): boolean {
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
    throw new VmgsError("VMGS_TPM_INDEX_SIZE", message, { nvIndex, bytes: data.length, limit });
  }
}
