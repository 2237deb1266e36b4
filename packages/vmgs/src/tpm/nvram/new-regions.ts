/** The fixed regions of a new state: those of a TPM that was made, started once and shut down. */

import { decode, fromHex, u32 } from "../../layout/index.ts";
import { TPM_ALG } from "../protocol/index.ts";
import { Capacity, filled } from "./buffers.ts";
import {
  DRBG_MAGIC,
  FIRMWARE_VERSION,
  type FixedRegions,
  fixedRegions,
  MAX_PCR_BANKS,
  ORDERLY_STATE,
} from "./state-layout.ts";

/** Gives that many random bytes. */
export type RandomBytes = (byteLength: number) => Uint8Array;

const PCR_BANKS = [TPM_ALG.SHA1, TPM_ALG.SHA256, TPM_ALG.SHA384] as const;
const ALL_PCRS = Uint8Array.of(0xff, 0xff, 0xff);
/** Bitmaps over the commands that this build has, as every state of it begins with. */
const PHYSICAL_PRESENCE = "0020".padEnd(28, "0");
const AUDIT_COMMANDS = "00000080".padEnd(28, "0");
const MAX_TRIES = 3;
const RECOVERY_SECONDS = 1000;
/** Where counters stand after the first start. */
const AFTER_FIRST_START = {
  contextCounter: 4n,
  pcrCounter: 21,
  reseedCounter: 10n,
  milliseconds: 14n,
} as const;

/** What the reference leaves in memory that it never sets. */
const NEVER_SET = 0xbb;
const neverSet = (bytes: Uint8Array) => new Uint8Array(bytes.length).fill(NEVER_SET);

/** Regions with new seeds, proofs, time epoch and random generator. They hold secrets. */
export function newRegions(random: RandomBytes): FixedRegions {
  const zero = decode(fixedRegions, new Uint8Array(fixedRegions.size ?? 0));
  const { milliseconds } = AFTER_FIRST_START;
  return {
    ...zero,
    persistent: newPersistentData(zero.persistent, random),
    stateReset: newStateResetData(zero.stateReset, random),
    orderly: {
      ...zero.orderly,
      clock: milliseconds,
      clockSafe: 1,
      random: {
        ...zero.orderly.random,
        reseedCounter: AFTER_FIRST_START.reseedCounter,
        magic: DRBG_MAGIC,
        seed: random(zero.orderly.random.seed.length),
      },
      time: milliseconds,
    },
  };
}

/** Also what says nothing is as the reference has it: it is what its own states were tried with. */
function newStateResetData(
  zero: FixedRegions["stateReset"],
  random: RandomBytes,
): FixedRegions["stateReset"] {
  return {
    ...zero,
    nullProof: filled(Capacity.digest, random(Capacity.digest)),
    // The length is that of a proof, above the buffer.
    nullSeed: { size: Capacity.digest, buffer: random(Capacity.seed) },
    contextCounter: AFTER_FIRST_START.contextCounter,
    commandAuditDigest: { size: 0, buffer: neverSet(zero.commandAuditDigest.buffer) },
    padding1: neverSet(zero.padding1),
    pcrCounter: AFTER_FIRST_START.pcrCounter,
    padding2: neverSet(zero.padding2),
    commitNonce: filled(Capacity.digest, random(Capacity.digest)),
    padding3: neverSet(zero.padding3),
  };
}

function newPersistentData(
  zero: FixedRegions["persistent"],
  random: RandomBytes,
): FixedRegions["persistent"] {
  const seed = () => filled(Capacity.seed, random(Capacity.seed));
  const proof = () => filled(Capacity.digest, random(Capacity.digest));
  return {
    ...zero,
    ownerAlg: TPM_ALG.NULL,
    endorsementAlg: TPM_ALG.NULL,
    lockoutAlg: TPM_ALG.NULL,
    endorsementSeed: seed(),
    storageSeed: seed(),
    platformSeed: seed(),
    platformProof: proof(),
    storageProof: proof(),
    endorsementProof: proof(),
    totalResetCount: 1n,
    resetCount: 1,
    pcrPolicyAlg: TPM_ALG.NULL,
    pcrBankCount: MAX_PCR_BANKS,
    pcrBanks: PCR_BANKS.map((hash) => ({ hash, sizeOfSelect: ALL_PCRS.length, select: ALL_PCRS })),
    physicalPresence: fromHex(PHYSICAL_PRESENCE) as Uint8Array,
    maxTries: MAX_TRIES,
    recoveryTime: RECOVERY_SECONDS,
    lockoutRecovery: RECOVERY_SECONDS,
    lockoutAuthEnabled: 1,
    orderlyState: ORDERLY_STATE.CLEAR,
    auditCommands: fromHex(AUDIT_COMMANDS) as Uint8Array,
    auditHashAlg: TPM_ALG.SHA384,
    firmwareV1: FIRMWARE_VERSION[0],
    firmwareV2: FIRMWARE_VERSION[1],
    timeEpoch: decode(u32, random(4)),
  };
}
