/**
 * The attestation report of a confidential VM as its vTPM holds it in index 0x01400001: a header, the processor's
 * report, a request header and runtime claims (Azure documentation, "Confidential VM guest attestation design";
 * checked against the layouts of two public parsers, not against a report of a real VM).
 */

import {
  array,
  ascii,
  bytes,
  field,
  hexNumber,
  struct,
  u8,
  u32,
  u64,
  valueNames,
} from "../../layout/index.ts";

const digest = (meaning: string) => field(bytes(48), meaning);
const reserved = (size: number) => field(bytes(size), "reserved", { padding: true });

/** `HCLA` */
export const REPORT_SIGNATURE = "HCLA";
/** Bytes that are kept for the processor's report, whichever it is. */
export const HARDWARE_REPORT_SIZE = 1184;

/** Kinds of report (`reportType` of the request). */
export const REPORT_TYPE = { VBS: 1, SNP: 2, TVM: 3, TDX: 4 } as const;
const typeNames = valueNames(REPORT_TYPE);

/** `SNP`, or the number of a type that has no name. */
export const reportTypeName = (type: number): string => typeNames[type] ?? `type ${type}`;

/** Hashes of the runtime claims in the report's data (`hashType` of the request). */
const hashNames: Readonly<Record<number, string>> = { 1: "SHA-256", 2: "SHA-384", 3: "SHA-512" };

/** Name of a hash for WebCrypto, or null. */
export const reportHashName = (type: number): string | null => hashNames[type] ?? null;

/** What precedes the processor's report. */
export const reportHeader = struct("reportHeader", {
  signature: field(ascii(4), "HCLA"),
  version: field(u32, "version; 2 is known"),
  reportSize: field(u32, "bytes of the whole"),
  requestType: field(u32, "kind of the request"),
  status: field(u32, "0 = success"),
  reserved: reserved(12),
});

/** What follows the processor's report; then come the runtime claims. */
export const reportRequest = struct("reportRequest", {
  dataSize: field(u32, "bytes from here on"),
  version: field(u32, "version; 1 is known"),
  reportType: field(u32, "kind of the report", { names: typeNames, words: reportTypeName }),
  hashType: field(u32, "hash of the claims in the report", {
    names: hashNames,
    words: (type) => reportHashName(type) ?? "",
  }),
  claimsSize: field(u32, "bytes of the runtime claims"),
});

/** TCB version (AMD SEV-SNP Firmware ABI, TCB_VERSION). */
export const tcbVersion = struct("TCB_VERSION", {
  bootLoader: field(u8, "boot loader"),
  tee: field(u8, "PSP operating system"),
  reserved: reserved(4),
  snp: field(u8, "SNP firmware"),
  microcode: field(u8, "microcode"),
});

/** ATTESTATION_REPORT (AMD SEV-SNP Firmware ABI, table of the attestation report). */
export const snpReport = struct("ATTESTATION_REPORT", {
  version: field(u32, "version"),
  guestSvn: field(u32, "security version of the guest"),
  policy: field(u64, "guest policy", { words: (value) => hexNumber(value, 16) }),
  familyId: field(bytes(16), "family ID"),
  imageId: field(bytes(16), "image ID"),
  vmpl: field(u32, "VMPL of the request"),
  signatureAlgorithm: field(u32, "1 = ECDSA P-384 with SHA-384"),
  currentTcb: field(tcbVersion, "current TCB"),
  platformInfo: field(u64, "platform info"),
  keyInfo: field(u32, "signing key and author key"),
  reserved1: reserved(4),
  reportData: field(bytes(64), "data of the guest"),
  measurement: digest("launch measurement"),
  hostData: field(bytes(32), "data of the host"),
  idKeyDigest: digest("SHA-384 of the ID key"),
  authorKeyDigest: digest("SHA-384 of the author key"),
  reportId: field(bytes(32), "ID of the guest's reports"),
  reportIdMa: field(bytes(32), "report ID of the migration agent"),
  reportedTcb: field(tcbVersion, "reported TCB"),
  reserved2: reserved(24),
  chipId: field(bytes(64), "chip ID"),
  committedTcb: field(tcbVersion, "committed TCB"),
  currentBuild: field(bytes(4), "current firmware: build, minor, major"),
  committedBuild: field(bytes(4), "committed firmware: build, minor, major"),
  launchTcb: field(tcbVersion, "TCB at launch"),
  reserved3: reserved(168),
  signature: field(bytes(512), "signature over all before it"),
});

/** TDREPORT_STRUCT (Intel TDX Module ABI): REPORTMACSTRUCT, TEE_TCB_INFO, TDINFO_STRUCT. */
export const tdReport = struct("TDREPORT_STRUCT", {
  teeType: field(u8, "0x81 = TDX"),
  subtype: field(u8, "subtype"),
  version: field(u8, "version"),
  reserved1: reserved(13),
  cpuSvn: field(bytes(16), "security version of the processor"),
  teeTcbInfoHash: digest("SHA-384 of TEE_TCB_INFO"),
  teeInfoHash: digest("SHA-384 of TDINFO_STRUCT"),
  reportData: field(bytes(64), "data of the guest"),
  reserved2: reserved(32),
  mac: field(bytes(32), "MAC over the first part, of this processor"),
  valid: field(bytes(8), "fields of TEE_TCB_INFO that count"),
  teeTcbSvn: field(bytes(16), "security version of the TDX module"),
  mrSeam: digest("measurement of the TDX module"),
  mrSignerSeam: digest("signer of the TDX module"),
  seamAttributes: field(bytes(8), "attributes of the TDX module"),
  teeTcbSvn2: field(bytes(16), "security version of the current TDX module"),
  reserved3: reserved(95 + 17),
  attributes: field(u64, "attributes of the TD", { words: (value) => hexNumber(value, 16) }),
  xfam: field(u64, "extended features of the TD"),
  mrTd: digest("measurement of the TD at launch"),
  mrConfigId: digest("configuration of the owner"),
  mrOwner: digest("owner"),
  mrOwnerConfig: digest("configuration of the owner's software"),
  rtmr: field(array(bytes(48), 4), "measurements at run time"),
  servTdHash: digest("service TDs"),
  reserved4: reserved(64),
});
