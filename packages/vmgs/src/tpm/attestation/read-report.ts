/** Reads an attestation report, and what in it belongs together. Nothing of it is verified with a key. */

import { checkBytes } from "../../arguments/index.ts";
import { type Decoded, decode } from "../../layout/index.ts";
import {
  HARDWARE_REPORT_SIZE,
  REPORT_SIGNATURE,
  REPORT_TYPE,
  reportHashName,
  reportHeader,
  reportRequest,
  reportTypeName,
  snpReport,
  tdReport,
} from "./report-layout.ts";

/** The report of an AMD processor. */
export type SnpReport = Decoded<typeof snpReport>;
/** The report of an Intel processor. */
export type TdReport = Decoded<typeof tdReport>;

/** The processor's report. */
export type HardwareReport =
  | { readonly kind: "SNP"; readonly report: SnpReport }
  | { readonly kind: "TDX"; readonly report: TdReport };

/** The runtime claims: JSON by the VM's own firmware. Untrusted text. */
export interface RuntimeClaims {
  /** Bytes of the JSON, as they were hashed. */
  readonly bytes: Uint8Array;
  /** The document; null when it is not JSON. */
  readonly value: unknown;
  /** Modulus of the key `HCLAkPub` in it, big-endian, or null. */
  readonly akModulus: Uint8Array | null;
  /** Whether the processor's report has their hash: then they come from that VM, if the report is genuine. */
  readonly isBound: boolean | null;
}

/** An attestation report. */
export interface AttestationReport {
  /** Version of the header; 2 is known. */
  readonly version: number;
  readonly requestType: number;
  /** 0 when the host's agent made the report. */
  readonly status: number;
  /** `SNP`, `TDX`, `VBS`, `TVM` or `type N`. */
  readonly type: string;
  /** Null for a kind that is not read. */
  readonly hardware: HardwareReport | null;
  /** Hash over the claims, as WebCrypto names it, or null. */
  readonly hash: string | null;
  /** Null when there are none, or not all of them. */
  readonly claims: RuntimeClaims | null;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

const REQUEST_OFFSET = (reportHeader.size ?? 0) + HARDWARE_REPORT_SIZE;
const CLAIMS_OFFSET = REQUEST_OFFSET + (reportRequest.size ?? 0);

/** Reads the data of the report index; null when they are not a report. Never throws for bad bytes. */
export async function readAttestationReport(data: Uint8Array): Promise<AttestationReport | null> {
  checkBytes(data, "data");
  if (data.length < CLAIMS_OFFSET) return null;
  const { signature, version, requestType, status } = decode(reportHeader, data);
  if (signature !== REPORT_SIGNATURE) return null;
  const { reportType, hashType, claimsSize } = decode(reportRequest, data, REQUEST_OFFSET);
  const problems: string[] = [];
  const room = data.length - CLAIMS_OFFSET;
  if (claimsSize > room) problems.push(`the claims have ${claimsSize} bytes, with room for ${room}`);
  const hardware = readHardware(reportType, data.subarray(reportHeader.size ?? 0, REQUEST_OFFSET));
  if (hardware === null) problems.push(`reports of ${reportTypeName(reportType)} are not read`);
  const hash = reportHashName(hashType);
  const bytes = data.slice(CLAIMS_OFFSET, CLAIMS_OFFSET + Math.min(claimsSize, room));
  const isWhole = claimsSize > 0 && claimsSize <= room;
  const claims = isWhole ? await readClaims(bytes, hash, hardware?.report.reportData ?? null) : null;
  if (claims?.value === null) problems.push("the claims are not JSON");
  if (claims?.isBound === false)
    problems.push("the processor's report has another hash than that of the claims");
  return { version, requestType, status, type: reportTypeName(reportType), hardware, hash, claims, problems };
}

function readHardware(type: number, bytes: Uint8Array): HardwareReport | null {
  if (type === REPORT_TYPE.SNP) return { kind: "SNP", report: decode(snpReport, bytes) };
  return type === REPORT_TYPE.TDX ? { kind: "TDX", report: decode(tdReport, bytes) } : null;
}

async function readClaims(
  bytes: Uint8Array<ArrayBuffer>,
  hash: string | null,
  reportData: Uint8Array | null,
): Promise<RuntimeClaims> {
  const value = parseJson(bytes);
  const isBound = hash === null || reportData === null ? null : await startsWithHash(reportData, hash, bytes);
  return { bytes, value, akModulus: akModulusIn(value), isBound };
}

async function startsWithHash(
  reportData: Uint8Array,
  hash: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest(hash, bytes));
  return digest.every((byte, i) => byte === reportData[i]);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

/** The key of the AK, a JSON web key (RFC 7517) with the ID `HCLAkPub`. */
function akModulusIn(claims: unknown): Uint8Array | null {
  const keys = isRecord(claims) && Array.isArray(claims.keys) ? claims.keys.filter(isRecord) : [];
  const modulus = keys.find(({ kid }) => kid === "HCLAkPub")?.n;
  return typeof modulus === "string" ? fromBase64Url(modulus) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function fromBase64Url(text: string): Uint8Array | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
