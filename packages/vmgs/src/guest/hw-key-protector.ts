/** HW_KEY_PROTECTOR (11): the datastore key, sealed by the processor (spec: guest-files, 2). */

import { checkBytes } from "../arguments/index.ts";
import { FileId } from "../format/index.ts";
import { bytes as bytesOf, decode, field, struct, toHex, u8, u32, u64 } from "../layout/index.ts";
import { type GuestFileProblem, type GuestFileReading, sound, unreadable } from "./reading.ts";

const secret = { secret: true } as const;
const version = field(u32, "version of the layout");
const length = field(u32, "bytes of the structure");
const mixMeasurement = field(u8, "1 = bound to the OpenHCL build");
const sealed = {
  iv: field(bytesOf(16), "initialisation vector", secret),
  ciphertext: field(bytesOf(32), "datastore key, AES-256-CBC", secret),
  hmac: field(bytesOf(32), "HMAC-SHA-256 over all bytes before it"),
};

/** The file in versions 1 and 2: 104 bytes. */
export const hwKeyProtector = struct("HW_KEY_PROTECTOR", {
  version,
  length,
  tcbVersion: field(u64, "SNP TCB version"),
  mixMeasurement,
  reserved: field(bytesOf(7), "reserved", { padding: true }),
  ...sealed,
});

/** Names of the processors' technologies by number. */
const TEE_TYPES: Readonly<Record<number, "snp" | "tdx">> = { 0: "snp", 1: "tdx" };

/** The file in version 3: 128 bytes. */
export const hwKeyProtector3 = struct("HW_KEY_PROTECTOR", {
  version,
  length,
  teeType: field(u32, "0 = SNP, 1 = TDX", { names: TEE_TYPES }),
  svn: field(bytesOf(32), "security version: SNP TCB version, or TEE_TCB_SVN and CPU_SVN of TDX"),
  mixMeasurement,
  reserved: field(bytesOf(3), "reserved", { padding: true }),
  ...sealed,
});

/** Security version numbers of SNP firmware. */
export interface SnpTcb {
  readonly bootLoader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

/** What HW_KEY_PROTECTOR says. */
export interface HwKeyProtectorFacts {
  readonly version: number;
  /** Which technology sealed the key; null when the number is not known. */
  readonly tee: "snp" | "tdx" | null;
  /** The key is bound to the OpenHCL build: a servicing update loses it. */
  readonly mixMeasurement: boolean;
  /** Whether a current build can unseal it, on the processor that sealed it. */
  readonly usable: boolean;
  /** Of SNP. */
  readonly tcb?: SnpTcb;
  /** Of TDX: TEE_TCB_SVN, 16 bytes in hex. */
  readonly teeTcbSvn?: string;
  /** Of TDX: CPU_SVN, 16 bytes in hex. */
  readonly cpuSvn?: string;
}

const when = "hardwareSealingOnly";

/** The layout of a file of this size, or null. */
export function hwKeyProtectorLayout(byteLength: number) {
  return [hwKeyProtector, hwKeyProtector3].find(({ size }) => size === byteLength) ?? null;
}

/** Reads HW_KEY_PROTECTOR; its size decides the layout. */
export function readHwKeyProtector(bytes: Uint8Array): GuestFileReading<HwKeyProtectorFacts> {
  checkBytes(bytes, "bytes");
  if (bytes.length === hwKeyProtector.size) return readFirst(bytes);
  if (bytes.length === hwKeyProtector3.size) return readThird(bytes);
  const code = bytes.length < (hwKeyProtector.size ?? 0) ? "too-short" : "too-long";
  const message = `has ${bytes.length} bytes, neither ${hwKeyProtector.size} nor ${hwKeyProtector3.size}`;
  return unreadable(FileId.HW_KEY_PROTECTOR, bytes, { code, message }, { outcome: "fails", when });
}

function readFirst(bytes: Uint8Array): GuestFileReading<HwKeyProtectorFacts> {
  const value = decode(hwKeyProtector, bytes);
  const tcb = tcbOf(bytes.subarray(hwKeyProtector.offsets.tcbVersion));
  // Version 1 has no such field, and always mixes the measurement.
  const facts = { version: value.version, tee: "snp", mixMeasurement: mixes(value), tcb } as const;
  return judge(bytes, facts, value.version === 2 ? [] : [versionProblem(value.version, bytes)]);
}

function readThird(bytes: Uint8Array): GuestFileReading<HwKeyProtectorFacts> {
  const { version: found, teeType, svn, mixMeasurement: mixed } = decode(hwKeyProtector3, bytes);
  const tee = TEE_TYPES[teeType] ?? null;
  const base = { version: found, tee, mixMeasurement: mixed === 1 };
  const problems = found === 3 ? [] : [versionProblem(found, bytes)];
  if (tee === "snp") return judge(bytes, { ...base, tcb: tcbOf(svn) }, problems);
  if (tee === "tdx") {
    const versions = { teeTcbSvn: toHex(svn.subarray(0, 16)), cpuSvn: toHex(svn.subarray(16)) };
    return judge(bytes, { ...base, ...versions }, problems);
  }
  const message = `was sealed by technology ${teeType}, neither SNP (0) nor TDX (1)`;
  return judge(bytes, base, [...problems, { code: "tee-type", message }]);
}

const mixes = ({ version: found, mixMeasurement: mixed }: { version: number; mixMeasurement: number }) =>
  found === 1 || mixed === 1;

function versionProblem(found: number, { length: size }: Uint8Array): GuestFileProblem {
  if (found === 1 && size === hwKeyProtector.size) {
    return { code: "outdated-version", message: "has version 1, which current builds can't use" };
  }
  return { code: "version-size", message: `has version ${found}, which does not go with ${size} bytes` };
}

function judge(
  bytes: Uint8Array,
  facts: Omit<HwKeyProtectorFacts, "usable">,
  problems: readonly GuestFileProblem[],
): GuestFileReading<HwKeyProtectorFacts> {
  const reason = problems[0]?.code ?? null;
  const boot = { outcome: reason === null ? "used" : "fails", reason, when } as const;
  const reading = sound(FileId.HW_KEY_PROTECTOR, bytes, { ...facts, usable: reason === null }, boot);
  return { ...reading, valid: !problems.some(({ code }) => code === "version-size"), problems };
}

/** SNP TCB version: one security version number a byte. */
function tcbOf(svn: Uint8Array): SnpTcb {
  const at = (offset: number) => svn[offset] ?? 0;
  return { bootLoader: at(0), tee: at(1), snp: at(6), microcode: at(7) };
}
