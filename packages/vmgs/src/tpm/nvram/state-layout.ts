/**
 * The fixed regions of the state: C structures of the reference code, revision 1.38, as compiled for x64, with their
 * padding (spec: tpm-nvram, map). Values of these structures hold secrets and do not leave this room.
 */

import {
  array,
  bytes,
  field,
  hexNumber,
  type StructValue,
  struct,
  u8,
  u16,
  u32,
  u64,
} from "../../layout/index.ts";
import { algorithmField } from "../protocol/index.ts";
import { buffer, Capacity } from "./buffers.ts";

const secret = { secret: true } as const;
const padding = (size: number) => field(bytes(size), "padding", { padding: true });
const algorithm = (meaning: string) => field(u16, meaning, algorithmField);
const flag = (meaning: string) => field(u32, `1 = ${meaning}`);
const digest = (meaning: string) => buffer(Capacity.digest, meaning);
const authValue = (meaning: string) => buffer(Capacity.digest, meaning, secret);
const seed = (meaning: string) => buffer(Capacity.seed, meaning, { secret: true, full: true });
const proof = (meaning: string) => buffer(Capacity.digest, meaning, { secret: true, full: true });
const version = (meaning: string, expected: number) =>
  field(u32, meaning, {
    words: (value) => hexNumber(value, 8),
    rule: (value) =>
      value === expected
        ? undefined
        : `is ${hexNumber(value, 8)}, revision 1.38 has ${hexNumber(expected, 8)}`,
    level: "report",
  });

/** Values of `orderlyState`; DA_USED becomes NONE after a failed try not yet counted (TPM 2.0 Part 4, Global). */
export const ORDERLY_STATE = { CLEAR: 0, STATE: 1, DA_USED: 0xfffe, NONE: 0xffff } as const;

/** Flags of `orderlyState` beside STATE: how the TPM was started (TPM 2.0 Part 4, Global). */
const START_FLAGS = [
  [0x8000, "H-CRTM before the start"],
  [0x4000, "started from locality 3"],
] as const;
const ALL_START_FLAGS = START_FLAGS.reduce((all, [flag]) => all | flag, 0);

/** The type of the last shutdown, or null when there was none since the last start. */
export function shutdownType(orderlyState: number): "CLEAR" | "STATE" | null {
  if (orderlyState === ORDERLY_STATE.NONE || orderlyState === ORDERLY_STATE.DA_USED) return null;
  const type = orderlyState & ~ALL_START_FLAGS;
  if (type === ORDERLY_STATE.STATE) return "STATE";
  return type === ORDERLY_STATE.CLEAR ? "CLEAR" : null;
}

/** `orderlyState` in words. */
export function describeOrderlyState(value: number): string {
  if (value === ORDERLY_STATE.NONE) return "running, or not shut down in order";
  if (value === ORDERLY_STATE.DA_USED) {
    return "running, or not shut down in order, after the use of an object with dictionary attack protection: the next start counts a failed try";
  }
  const type = shutdownType(value);
  if (type === null) return hexNumber(value, 4);
  const flags = START_FLAGS.filter(([flag]) => (value & flag) !== 0).map(([, words]) => words);
  return [`shut down, ${type}`, ...flags].join(", ");
}

/** Firmware version of every state of revision 1.38 that is known. */
export const FIRMWARE_VERSION = [0x2020_0312, 0x0012_0003] as const;

/** Banks that the allocation has room for. */
export const MAX_PCR_BANKS = 3;

/** PCRs of one bank, in memory. */
export const pcrBank = struct("TPMS_PCR_SELECTION", {
  hash: algorithm("bank"),
  sizeOfSelect: field(u8, "bytes of the bitmap that count"),
  select: field(bytes(3), "bitmap of PCRs"),
});

/** Seeds, proofs, authorizations and counters (spec: tpm-nvram, persistent data). */
export const persistentData = struct("persistentData", {
  disableClear: flag("the owner's Clear is forbidden"),
  ownerAlg: algorithm("hash of the owner policy; NULL = no policy"),
  endorsementAlg: algorithm("hash of the endorsement policy; NULL = no policy"),
  lockoutAlg: algorithm("hash of the lockout policy; NULL = no policy"),
  ownerPolicy: digest("owner policy"),
  endorsementPolicy: digest("endorsement policy"),
  lockoutPolicy: digest("lockout policy"),
  ownerAuth: authValue("owner authorization"),
  endorsementAuth: authValue("endorsement authorization"),
  lockoutAuth: authValue("lockout authorization"),
  endorsementSeed: seed("endorsement primary seed"),
  storageSeed: seed("storage primary seed"),
  platformSeed: seed("platform primary seed"),
  platformProof: proof("platform proof"),
  storageProof: proof("storage proof"),
  endorsementProof: proof("endorsement proof"),
  padding1: padding(6),
  totalResetCount: field(u64, "resets since the TPM was made"),
  resetCount: field(u32, "resets since the last Clear"),
  pcrPolicyAlg: algorithm("hash of the PCR policy; NULL = no policy"),
  pcrPolicyA: digest("PCR policies: first digest"),
  pcrPolicy: digest("PCR policies: second digest"),
  padding2: padding(2),
  pcrBankCount: field(u32, "PCR banks", {
    rule: (value) => (value > MAX_PCR_BANKS ? `is ${value}, with room for ${MAX_PCR_BANKS}` : undefined),
    level: "report",
  }),
  pcrBanks: field(array(pcrBank, MAX_PCR_BANKS), "PCR allocation at the next start"),
  padding3: padding(2),
  physicalPresence: field(bytes(14), "bitmap of commands that need physical presence"),
  padding4: padding(2),
  failedTries: field(u32, "failed authorizations that count"),
  maxTries: field(u32, "failed authorizations that lock"),
  recoveryTime: field(u32, "seconds until one failed try is forgotten"),
  lockoutRecovery: field(u32, "seconds until lockout authorization can be tried again"),
  lockoutAuthEnabled: flag("lockout authorization can be used"),
  orderlyState: field(u16, "how the TPM was left", { words: describeOrderlyState }),
  auditCommands: field(bytes(14), "bitmap of commands that are audited"),
  auditHashAlg: algorithm("hash of the audit"),
  padding5: padding(6),
  auditCounter: field(u64, "audits begun"),
  algorithmSet: field(u32, "algorithm set"),
  firmwareV1: version("firmware version, upper half", FIRMWARE_VERSION[0]),
  firmwareV2: version("firmware version, lower half", FIRMWARE_VERSION[1]),
  timeEpoch: field(u32, "changes when the clock is discontinuous"),
});

/** What a TPM reset starts anew. */
export const stateResetData = struct("stateResetData", {
  nullProof: proof("proof of the null hierarchy"),
  nullSeed: seed("seed of the null hierarchy"),
  clearCount: field(u32, "Clears since the last reset"),
  objectContextId: field(u64, "saved objects"),
  contextArray: field(bytes(64), "saved sessions"),
  contextCounter: field(u64, "next context"),
  commandAuditDigest: digest("audit of commands"),
  padding1: padding(2),
  restartCount: field(u32, "restarts since the last reset"),
  pcrCounter: field(u32, "changes of PCRs"),
  padding2: padding(4),
  commitCounter: field(u64, "ECC commits"),
  commitNonce: buffer(Capacity.digest, "nonce of ECC commits", secret),
  commitArray: field(bytes(16), "ECC commits in use"),
  padding3: padding(6),
});

/** What a restart starts anew; only a shutdown with STATE saves it. */
export const stateClearData = struct("stateClearData", {
  storageEnabled: flag("owner hierarchy enabled"),
  endorsementEnabled: flag("endorsement hierarchy enabled"),
  platformNvEnabled: flag("NV indices of the platform enabled"),
  platformAlg: algorithm("hash of the platform policy; NULL = no policy"),
  platformPolicy: digest("platform policy"),
  platformAuth: authValue("platform authorization"),
  padding1: padding(2),
  pcrValues: field(bytes(1604), "16 static PCRs of each hash, and a counter"),
  pcrAuth: authValue("authorization of PCRs"),
  padding2: padding(2),
});

/** "DRBG", little-endian. */
export const DRBG_MAGIC = 0x4742_5244;

/** State of the random generator. */
export const randomState = struct("randomState", {
  reseedCounter: field(u64, "uses since the last seed"),
  magic: field(u32, "DRBG", { words: (value) => hexNumber(value, 8) }),
  padding1: padding(4),
  seed: field(bytes(48), "seed of the random generator", secret),
  lastValue: field(bytes(16), "last output, to notice repetition", secret),
});

/** What is kept in RAM while the TPM runs. */
export const orderlyData = struct("orderlyData", {
  clock: field(u64, "milliseconds that the TPM has run"),
  clockSafe: field(u8, "1 = the clock was never put back"),
  padding1: padding(7),
  random: field(randomState, "random generator"),
  selfHealTimer: field(u64, "time of the next forgotten failed try"),
  lockoutTimer: field(u64, "time when lockout authorization can be tried again"),
  time: field(u64, "milliseconds since the last start"),
});

/** Bytes of the RAM copy of orderly indices. */
export const ORDERLY_RAM_SIZE = 512;

/** Everything before the dynamic entries. */
export const fixedRegions = struct("fixedRegions", {
  persistent: field(persistentData, "what survives everything"),
  stateReset: field(stateResetData, "saved at an orderly shutdown"),
  stateClear: field(stateClearData, "saved at a shutdown with STATE"),
  orderly: field(orderlyData, "clock and random generator"),
  orderlyRam: field(bytes(ORDERLY_RAM_SIZE), "RAM copy of the orderly indices", secret),
});
/** Holds secrets. */
export type FixedRegions = StructValue<typeof fixedRegions.fields>;

/** Offset of the dynamic entries. */
export const ENTRIES_OFFSET = 3508;
