/** The attestation report that a confidential VM's vTPM holds: read, and never verified with a key. Knows bytes only. */
export {
  type AttestationReport,
  type HardwareReport,
  type RuntimeClaims,
  readAttestationReport,
  type SnpReport,
  type TdReport,
} from "./read-report.ts";
export { snpReport, tdReport } from "./report-layout.ts";
