/** What becomes of the AK certificate index at a boot, decided without touching a TPM (spec: tpm, the table at boot). */

import {
  type Check,
  checkFlag,
  checkNumber,
  checkObject,
  optional,
  withMembers,
} from "../../arguments/index.ts";
import type { Warning } from "../../errors/index.ts";
import { derLengthOf } from "../nvram/index.ts";
import {
  describeHandle,
  NvIndexHandle,
  type NvPublic,
  ownerAkCertAttributes,
  platformAkCertAttributes,
  TPMA_NV,
} from "../protocol/index.ts";
import {
  AK_CERTIFICATE_INDEX_SIZE,
  ATTESTATION_REPORT_SIZE,
  MITIGATION_MARKER_SIZE,
} from "../vtpm-parameters.ts";

/** What is in the TPM before. */
export interface CertificateIndexFacts {
  /** The AK certificate index, or null. */
  readonly index: NvPublic | null;
  /** What it holds; null when it was never written, and when it does not matter because it is the owner's. */
  readonly data: Uint8Array | null;
  /** Whether the index is there that says that a small virtual TPM was repaired. */
  readonly marked: boolean;
  /** The attestation report index, or null. */
  readonly report: NvPublic | null;
}

/** What the boot asks for. */
export interface CertificateIndexRequest {
  /** Make the index when there is none. */
  readonly create: boolean;
  /** Keep the old certificate, so that a failing renewal leaves a usable one. */
  readonly preserve: boolean;
  /** The state has 16 KiB, too few for the index of 4096 bytes. */
  readonly repairSmallVtpm: boolean;
  /** Attestation reports are supported. */
  readonly attestationReport: boolean;
  /** Bytes of the platform's certificate index, 4096 by default. For TPMs that take no index of that size. */
  readonly size?: number | undefined;
  /** Bytes of the report index, 2900 by default. */
  readonly reportSize?: number | undefined;
}

export const checkIndexRequest: Check = withMembers({
  create: checkFlag,
  preserve: checkFlag,
  repairSmallVtpm: checkFlag,
  attestationReport: checkFlag,
  size: optional(checkNumber),
  reportSize: optional(checkNumber),
});

/** One thing to do to a TPM. */
export type CertificateIndexStep =
  | { readonly kind: "undefine"; readonly index: NvPublic }
  | { readonly kind: "define"; readonly nvIndex: number; readonly size: number; readonly attributes: number }
  | {
      readonly kind: "write";
      readonly nvIndex: number;
      readonly data: Uint8Array;
      /** Whose authorization is used: the index's own, or the owner's. */
      readonly as: "index" | "owner";
    }
  /** Make and write the index that records the repair of a small virtual TPM. A failure is only a warning. */
  | { readonly kind: "mark"; readonly nvIndex: number; readonly size: number };

/** Which row of the table applies. */
export type CertificateIndexRow =
  | "repaired before"
  | "none"
  | "owner's"
  | "small vTPM repaired"
  | "platform's";

/** What is done, in order, and why. */
export interface CertificateIndexDecision {
  readonly row: CertificateIndexRow;
  /** Who will have made the index afterwards; null when there will be none. */
  readonly creator: "platform" | "owner" | null;
  readonly steps: readonly CertificateIndexStep[];
  readonly warnings: readonly Warning[];
}

const nvIndex = NvIndexHandle.AK_CERTIFICATE;

/** Decides by the table of the specification. */
export function decideCertificateIndex(
  facts: CertificateIndexFacts,
  request: CertificateIndexRequest,
): CertificateIndexDecision {
  checkObject(facts, "facts", "index", "data", "marked", "report");
  checkIndexRequest(request, "request");
  if (request.repairSmallVtpm && facts.marked) return repairedBefore(facts);
  const decision = decideCertificate(facts, request);
  return { ...decision, steps: [...decision.steps, ...reportSteps(facts, request)] };
}

function repairedBefore({ index, data }: CertificateIndexFacts): CertificateIndexDecision {
  const row = "repaired before";
  if (index === null) return { row, creator: null, steps: [], warnings: [] };
  if (!isPlatforms(index)) return { row, creator: "owner", steps: [], warnings: [] };
  const steps = [{ kind: "undefine", index } as const, ...forOwner(index.dataSize, data)];
  return { row, creator: "owner", steps, warnings: [] };
}

function decideCertificate(
  { index, data }: CertificateIndexFacts,
  request: CertificateIndexRequest,
): CertificateIndexDecision {
  const size = request.size ?? AK_CERTIFICATE_INDEX_SIZE;
  const forPlatform = { kind: "define", nvIndex, size, attributes: platformAkCertAttributes() } as const;
  const written = index !== null && TPMA_NV.has(index.attributes, "WRITTEN");
  if (index === null || !written) {
    const steps: CertificateIndexStep[] = index === null ? [] : [{ kind: "undefine", index }];
    if (request.create) steps.push(forPlatform);
    return { row: "none", creator: request.create ? "platform" : null, steps, warnings: [] };
  }
  if (!isPlatforms(index)) return { row: "owner's", creator: "owner", steps: [], warnings: [] };
  const undefine = { kind: "undefine", index } as const;
  const old = data ?? new Uint8Array(0);
  if (request.repairSmallVtpm && index.dataSize === size) {
    const mark = {
      kind: "mark",
      nvIndex: NvIndexHandle.MITIGATION_MARKER,
      size: MITIGATION_MARKER_SIZE,
    } as const;
    const steps = [undefine, mark, ...forOwner(Math.min(derLengthOf(old) ?? size, size), old)];
    return { row: "small vTPM repaired", creator: "owner", steps, warnings: [] };
  }
  const row = "platform's";
  if (!request.preserve) return { row, creator: "platform", steps: [undefine, forPlatform], warnings: [] };
  const kept = fit(old, size);
  const write = kept && ({ kind: "write", nvIndex, data: kept, as: "index" } as const);
  const steps = [undefine, forPlatform, ...(write === null ? [] : [write])];
  return { row, creator: "platform", steps, warnings: write === null ? [dropped(old.length, size)] : [] };
}

function isPlatforms({ attributes }: NvPublic): boolean {
  return TPMA_NV.has(attributes, "PLATFORMCREATE");
}

/** An index for the owner, with as much of the data as it holds. */
function forOwner(size: number, data: Uint8Array | null): CertificateIndexStep[] {
  const define = { kind: "define", nvIndex, size, attributes: ownerAkCertAttributes() } as const;
  if (data === null) return [define];
  return [define, { kind: "write", nvIndex, data: data.slice(0, size), as: "owner" }];
}

/** Data that fit, without their padding if need be; null when the certificate itself is too long. */
function fit(data: Uint8Array, size: number): Uint8Array | null {
  if (data.length <= size) return data;
  const length = derLengthOf(data) ?? data.length;
  return length <= size ? data.slice(0, length) : null;
}

function dropped(bytes: number, size: number): Warning {
  const message = `${describeHandle(nvIndex)}: the old content of ${bytes} bytes does not fit ${size}, and was not kept`;
  return { code: "VMGS_TPM_CERTIFICATE_DROPPED", message };
}

function reportSteps(
  { report }: CertificateIndexFacts,
  { attestationReport, reportSize = ATTESTATION_REPORT_SIZE }: CertificateIndexRequest,
): CertificateIndexStep[] {
  if (!attestationReport) return [];
  const define = {
    kind: "define",
    nvIndex: NvIndexHandle.ATTESTATION_REPORT,
    size: reportSize,
    attributes: platformAkCertAttributes(),
  } as const;
  return report === null ? [define] : [{ kind: "undefine", index: report }, define];
}
