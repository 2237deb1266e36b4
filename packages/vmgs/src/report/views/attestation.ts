/** An attestation report, for people. */

import { toHex } from "../../layout/index.ts";
import type { AttestationReport, TpmState } from "../../tpm/index.ts";
import { akMatches, hex64 } from "../documents/attestation.ts";
import { clip } from "../words/sizes.ts";

const BOUND = { true: "bound to it by their hash", false: "NOT bound to it" } as const;
const AK = { true: "that of this state", false: "NOT that of this state" } as const;

/** Lines about a report. */
export function attestationLines(
  report: AttestationReport,
  state: TpmState,
): [name: string, value: string][] {
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
  return [["configuration", clip(JSON.stringify(value["vm-configuration"]) ?? "")]];
}
