/** An attestation report as JSON and for people. Its claims are untrusted text. */

import { toHex } from "vmgskit/format";
import { clip } from "vmgskit/report";
import {
  type AttestationReport,
  PersistentHandle,
  type SnpReport,
  type TdReport,
  type TpmState,
} from "vmgskit/tpm";
import { escapeText } from "../../terminal/index.ts";

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
const hex64 = (value: bigint) => `0x${value.toString(16).padStart(16, "0")}`;

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
function akMatches({ claims }: AttestationReport, { objects }: TpmState): boolean | null {
  const area = objects.find(({ handle }) => handle === PersistentHandle.AK)?.publicArea;
  if (!claims?.akModulus || area?.kind !== "RSA") return null;
  return toHex(claims.akModulus) === toHex(area.unique);
}

const BOUND = { true: "bound to it by their hash", false: "NOT bound to it" } as const;
const AK = { true: "that of this state", false: "NOT that of this state" } as const;

/** Lines about a report. */
export function reportLines(report: AttestationReport, state: TpmState): [name: string, value: string][] {
  const { hardware, claims } = report;
  const bound = claims && claims.isBound !== null ? `, ${BOUND[`${claims.isBound}`]}` : "";
  const ak = akMatches(report, state);
  return [
    ["type", `${report.type}, version ${report.version}, status ${report.status}`],
    ...(hardware === null ? [] : hardwareLines(hardware)),
    ...(claims === null ? [] : ([["claims", `${claims.bytes.length} bytes${bound}`]] as [string, string][])),
    ...(claims === null ? [] : claimLines(claims.value)),
    ...(ak === null ? [] : ([["AK in it", AK[`${ak}`]]] as [string, string][])),
    ...report.problems.map((problem): [string, string] => ["problem", problem]),
  ];
}

function hardwareLines(hardware: NonNullable<AttestationReport["hardware"]>): [string, string][] {
  if (hardware.kind === "TDX") {
    const { mrTd, teeTcbSvn, cpuSvn } = hardware.report;
    return [
      ["measurement", clip(toHex(mrTd))],
      ["TCB", clip(`TEE ${toHex(teeTcbSvn)}, CPU ${toHex(cpuSvn)}`)],
    ];
  }
  const { measurement, reportedTcb, policy, vmpl } = hardware.report;
  const { bootLoader, tee, snp, microcode } = reportedTcb;
  return [
    ["measurement", clip(toHex(measurement))],
    ["TCB", `boot loader ${bootLoader}, TEE ${tee}, SNP ${snp}, microcode ${microcode}`],
    ["policy", `${hex64(policy)}, VMPL ${vmpl}`],
  ];
}

/** The configuration of the VM; untrusted text. */
function claimLines(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null || !("vm-configuration" in value)) return [];
  return [["configuration", clip(escapeText(JSON.stringify(value["vm-configuration"])))]];
}
