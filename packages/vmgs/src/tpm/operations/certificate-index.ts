/** Carries out what `decideCertificateIndex` decides. */

import { checkSignal, optional, withMembers } from "../../arguments/index.ts";
import { VmgsError, type Warning } from "../../errors/index.ts";
import { checkSecret, type Secret } from "../../secret/index.ts";
import { checkEngine, checkTpmWaitOptions } from "../engine/engine.ts";
import { type TpmEngine, type TpmWaitOptions, tpmErrorKind } from "../engine/index.ts";
import {
  describeHandle,
  NvIndexHandle,
  platformAkCertAttributes,
  TPM_PT,
  TPMA_NV,
} from "../protocol/index.ts";
import { AK_CERTIFICATE_INDEX_SIZE, ATTESTATION_REPORT_SIZE } from "../vtpm-parameters.ts";
import {
  type CertificateIndexDecision,
  type CertificateIndexFacts,
  type CertificateIndexRequest,
  type CertificateIndexStep,
  checkIndexRequest,
  decideCertificateIndex,
} from "./certificate-index-decision.ts";
import { findTpmNvIndex, readTpmProperty } from "./find.ts";
import {
  defineTpmNvIndex,
  readTpmNvIndex,
  undefineTpmNvIndex,
  writeTpmNvIndex,
  writeTpmNvIndexAsOwner,
} from "./nv-data.ts";

/** Looks at everything that the decision depends on. Changes nothing. */
export async function examineCertificateIndex(
  engine: TpmEngine,
  options: TpmWaitOptions = {},
): Promise<CertificateIndexFacts> {
  checkEngine(engine, "engine");
  checkTpmWaitOptions(options, "options");
  const index = await findTpmNvIndex(engine, NvIndexHandle.AK_CERTIFICATE, options);
  const isRead =
    index !== null &&
    TPMA_NV.has(index.attributes, "WRITTEN") &&
    TPMA_NV.has(index.attributes, "PLATFORMCREATE");
  const content = isRead ? await readTpmNvIndex(engine, NvIndexHandle.AK_CERTIFICATE, options) : null;
  return {
    index,
    data: content?.state === "available" ? content.data : null,
    marked: (await findTpmNvIndex(engine, NvIndexHandle.MITIGATION_MARKER, options)) !== null,
    report: await findTpmNvIndex(engine, NvIndexHandle.ATTESTATION_REPORT, options),
  };
}

/** What preparing the indices needs beside the request. */
export interface PrepareIndexOptions extends TpmWaitOptions {
  /** Authorization value of this boot's indices. */
  readonly authValue: Secret;
}

const checkPrepareOptions = withMembers({ authValue: checkSecret, signal: optional(checkSignal) });

/**
 * Looks at the AK certificate index and brings it, and the index of the attestation report, to where the boot needs
 * them.
 *
 * @throws VmgsError VMGS_TPM_INDEX_SIZE when the TPM takes no index of the asked size, before anything is changed;
 * VMGS_TPM_REFUSED, and as `ask`
 */
export async function prepareCertificateIndex(
  engine: TpmEngine,
  request: CertificateIndexRequest,
  options: PrepareIndexOptions,
): Promise<CertificateIndexDecision> {
  checkEngine(engine, "engine");
  checkIndexRequest(request, "request");
  checkPrepareOptions(options, "options");
  const { authValue, signal } = options;
  const decision = decideCertificateIndex(await examineCertificateIndex(engine, { signal }), request);
  // What is undefined first would be lost.
  const defined = decision.steps.filter((step) => step.kind === "define");
  await checkSizes(
    engine,
    defined.map(({ nvIndex, size }) => [nvIndex, size]),
    { signal },
  );
  const warnings: Warning[] = [...decision.warnings];
  for (const step of decision.steps) {
    const warning = await take(engine, step, { authValue, signal });
    if (warning !== null) warnings.push(warning);
  }
  return { ...decision, warnings };
}

/**
 * Checks what a request will ask for in any case, before anything is done.
 *
 * @throws VmgsError VMGS_TPM_INDEX_SIZE when the TPM says that it takes no index of such a size
 */
export function checkIndexSizes(
  engine: TpmEngine,
  request: CertificateIndexRequest,
  options: TpmWaitOptions = {},
): Promise<void> {
  checkEngine(engine, "engine");
  checkIndexRequest(request, "request");
  checkTpmWaitOptions(options, "options");
  const {
    create,
    attestationReport,
    size = AK_CERTIFICATE_INDEX_SIZE,
    reportSize = ATTESTATION_REPORT_SIZE,
  } = request;
  const wanted: (readonly [number, number])[] = [];
  if (create) wanted.push([NvIndexHandle.AK_CERTIFICATE, size]);
  if (attestationReport) wanted.push([NvIndexHandle.ATTESTATION_REPORT, reportSize]);
  return checkSizes(engine, wanted, options);
}

async function checkSizes(
  engine: TpmEngine,
  wanted: readonly (readonly [nvIndex: number, bytes: number])[],
  options: TpmWaitOptions,
): Promise<void> {
  if (wanted.length === 0) return;
  const limit = await readTpmProperty(engine, TPM_PT.NV_INDEX_MAX, options);
  for (const [nvIndex, bytes] of wanted) {
    if (limit === null || bytes <= limit) continue;
    const message = `${describeHandle(nvIndex)} would have ${bytes} bytes, but an index of this TPM has at most ${limit}`;
    throw new VmgsError("VMGS_TPM_INDEX_SIZE", message, { nvIndex, bytes, limit });
  }
}

async function take(
  engine: TpmEngine,
  step: CertificateIndexStep,
  { authValue, signal }: PrepareIndexOptions,
): Promise<Warning | null> {
  switch (step.kind) {
    case "undefine":
      await undefineTpmNvIndex(engine, step.index, { signal });
      return null;
    case "define":
      await defineTpmNvIndex(engine, { ...step, authValue }, { signal });
      return null;
    case "write":
      if (step.as === "owner") await writeTpmNvIndexAsOwner(engine, step.nvIndex, step.data, { signal });
      else await writeTpmNvIndex(engine, step.nvIndex, step.data, { authValue, signal });
      return null;
    case "mark":
      return mark(engine, step, { authValue, signal });
  }
}

/** The marker is worth a warning, not a failed boot; without an engine there is no boot. */
async function mark(
  engine: TpmEngine,
  { nvIndex, size }: Extract<CertificateIndexStep, { kind: "mark" }>,
  { authValue, signal }: PrepareIndexOptions,
): Promise<Warning | null> {
  try {
    const attributes = platformAkCertAttributes();
    await defineTpmNvIndex(engine, { nvIndex, size, attributes, authValue }, { signal });
    await writeTpmNvIndex(engine, nvIndex, Uint8Array.of(1), { authValue, signal });
    return null;
  } catch (error) {
    if (tpmErrorKind(error) !== "refused" || !(error instanceof VmgsError)) throw error;
    return { code: "VMGS_TPM_MARKER_NOT_WRITTEN", message: error.message };
  }
}
