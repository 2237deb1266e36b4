/** An attestation report as documents carry it. Its claims are untrusted text. */

import { hexNumber, toHex } from "../../layout/index.ts";
import {
  type AttestationReport,
  PersistentHandle,
  type SnpReport,
  type TdReport,
  type TpmState,
} from "../../tpm/index.ts";

/** The document's part about the report. */
export function reportDocument(report: AttestationReport, state: TpmState) {
  const { claims } = report;
  return {
    version: report.version,
    type: report.type,
    requestType: report.requestType,
    status: report.status,
    hash: report.hash,
    snp: report.hardware?.kind === "SNP" ? snpDocument(report.hardware.report) : null,
    tdx: report.hardware?.kind === "TDX" ? tdxDocument(report.hardware.report) : null,
    claims: claims?.value ?? null,
    claimsBound: claims?.isBound ?? null,
    akMatches: akMatches(report, state),
    problems: report.problems,
  };
}

type Tcb = SnpReport["reportedTcb"];

const tcbDocument = ({ bootLoader, tee, snp, microcode }: Tcb) => ({ bootLoader, tee, snp, microcode });
/** 64 bits as text. */
export const hex64 = (value: bigint) => hexNumber(value, 16);

function snpDocument(report: SnpReport) {
  return {
    version: report.version,
    guestSvn: report.guestSvn,
    policy: hex64(report.policy),
    vmpl: report.vmpl,
    currentTcb: tcbDocument(report.currentTcb),
    reportedTcb: tcbDocument(report.reportedTcb),
    committedTcb: tcbDocument(report.committedTcb),
    launchTcb: tcbDocument(report.launchTcb),
    measurement: toHex(report.measurement),
    reportData: toHex(report.reportData),
    hostData: toHex(report.hostData),
    idKeyDigest: toHex(report.idKeyDigest),
    authorKeyDigest: toHex(report.authorKeyDigest),
    reportId: toHex(report.reportId),
    chipId: toHex(report.chipId),
  };
}

function tdxDocument(report: TdReport) {
  return {
    cpuSvn: toHex(report.cpuSvn),
    teeTcbSvn: toHex(report.teeTcbSvn),
    mrSeam: toHex(report.mrSeam),
    attributes: hex64(report.attributes),
    xfam: hex64(report.xfam),
    mrTd: toHex(report.mrTd),
    mrConfigId: toHex(report.mrConfigId),
    mrOwner: toHex(report.mrOwner),
    mrOwnerConfig: toHex(report.mrOwnerConfig),
    rtmr: report.rtmr.map(toHex),
    reportData: toHex(report.reportData),
  };
}

/** Whether the AK that the claims name is the one in this state; null when one of both is missing. */
export function akMatches({ claims }: AttestationReport, { objects }: TpmState): boolean | null {
  const area = objects.find(({ handle }) => handle === PersistentHandle.AK)?.publicArea;
  if (!claims?.akModulus || area?.kind !== "RSA") return null;
  return toHex(claims.akModulus) === toHex(area.unique);
}
