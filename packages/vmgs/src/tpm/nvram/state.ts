/** What a TPM state holds. No secret is in any of these types; of secret values they show at most whether they are set. */

import { type Check, having } from "../../arguments/index.ts";
import type { PcrSelection, PublicArea } from "../protocol/index.ts";
import type { Corruption } from "./entries.ts";

/** A hierarchy that people can own. */
export interface TpmHierarchy {
  /** Whether it has an authorization value. */
  readonly authSet: boolean;
  /** TPM_ALG_ID of the policy's hash; null when there is no policy. */
  readonly policyAlg: number | null;
  /** Policy digest; null when there is no policy. */
  readonly policy: Uint8Array | null;
}

/** The dictionary attack protection. */
export interface TpmLockout extends TpmHierarchy {
  readonly failedTries: number;
  /** The TPM is locked when `failedTries` reaches this. */
  readonly maxTries: number;
  /** Seconds until one failed try is forgotten. */
  readonly recoveryTime: number;
  /** Seconds until the lockout authorization can be tried again. */
  readonly lockoutRecovery: number;
  /** Whether the lockout authorization can be used. */
  readonly authEnabled: boolean;
  /** Whether the TPM refuses authorizations that count. */
  readonly locked: boolean;
}

/** What a shutdown with STATE keeps. */
export interface TpmSavedState {
  readonly storageEnabled: boolean;
  readonly endorsementEnabled: boolean;
  readonly platformNvEnabled: boolean;
  readonly platform: TpmHierarchy;
}

/** A persistent object. */
export interface TpmObject {
  /** Bytes from the start of the state. */
  readonly offset: number;
  readonly entryBytes: number;
  /** Persistent handle. */
  readonly handle: number;
  /** Persistent handle, as the object itself has it; the same in a sound state. */
  readonly evictHandle: number;
  /** Flags that the TPM keeps; bits of `objectFlags`. */
  readonly flags: number;
  readonly flagNames: readonly string[];
  readonly hierarchy: "owner" | "endorsement" | "platform" | null;
  /** Null when it can't be read; a problem says why. */
  readonly publicArea: PublicArea | null;
  /** Names of the bits of TPMA_OBJECT; empty when the public area can't be read. */
  readonly attributeNames: readonly string[];
  /** Whether it has an authorization value; one of zeros does not count. */
  readonly authSet: boolean;
  /** As stored: name algorithm and digest. */
  readonly name: Uint8Array;
  readonly qualifiedName: Uint8Array;
  /** Whether the name is that of the public area; null when that can't be said. A mismatch is damage or tampering. */
  readonly nameMatches: boolean | null;
  /** The same for the qualified name; also null for objects that are not primary. */
  readonly qualifiedNameMatches: boolean | null;
}

/** An NV index. */
export interface TpmNvIndex {
  /** Bytes from the start of the state. */
  readonly offset: number;
  readonly entryBytes: number;
  readonly handle: number;
  /** TPM_ALG_ID */
  readonly nameAlg: number;
  /**
   * TPMA_NV as it counts: that of the RAM copy for an orderly index; after a loss of power, WRITTEN counts for
   * orderly counters only.
   */
  readonly attributes: number;
  readonly attributeNames: readonly string[];
  /** TPMA_NV as stored in the entry. */
  readonly storedAttributes: number;
  /** `ORDINARY`, `COUNTER`, `BITS`, `EXTEND`, `PIN_FAIL`, `PIN_PASS` or `type N`. */
  readonly type: string;
  readonly written: boolean;
  /** Who made it. */
  readonly creator: "platform" | "owner";
  readonly orderly: boolean;
  /** Policy digest; null when there is no policy. */
  readonly policy: Uint8Array | null;
  /** Bytes of the authorization value. */
  readonly authBytes: number;
  /** Bytes of the data, as the index was defined. */
  readonly dataSize: number;
  /** Bytes of the data that the entry holds; 0 for an orderly index. */
  readonly storedDataBytes: number;
  /**
   * The data; null when it was never written or is missing. What lies here is up to the guest: show it only when
   * asked to.
   */
  readonly data: Uint8Array | null;
  /** The number in a written counter or bit field. */
  readonly value: bigint | null;
  /** Name over `attributes`; null when WebCrypto lacks the algorithm. */
  readonly name: Uint8Array | null;
}

/** The RAM copy of an orderly index. */
export interface TpmOrderlyIndex {
  readonly handle: number;
  /** TPMA_NV as it is now. */
  readonly attributes: number;
  /** Bytes of data. */
  readonly dataBytes: number;
}

/** An entry that is neither a readable NV index nor a readable object. */
export interface TpmUnreadableEntry {
  readonly offset: number;
  readonly entryBytes: number;
  readonly handle: number;
}

/** Something in the state that should not be so. */
export interface TpmStateProblem {
  /** Bytes from the start of the state. */
  readonly offset: number;
  /** Handle of the entry, or null for the fixed regions and the list. */
  readonly handle: number | null;
  readonly message: string;
}

/** A TPM state of revision 1.38. */
export interface TpmState {
  readonly byteLength: number;
  /** Who makes states of this size: `legacy` 16384 bytes, `current` 32768 bytes. */
  readonly generation: "current" | "legacy" | "unknown";
  /** Whether the owner's Clear is forbidden. */
  readonly disableClear: boolean;
  readonly owner: TpmHierarchy;
  readonly endorsement: TpmHierarchy;
  readonly lockout: TpmLockout;
  /** Null unless the TPM was shut down with STATE. */
  readonly saved: TpmSavedState | null;
  /** Resets since the TPM was made, and since the last Clear. */
  readonly totalResetCount: bigint;
  readonly resetCount: number;
  readonly timeEpoch: number;
  /** Milliseconds that the TPM has run, and whether the clock was never put back; a loss of power may have done so. */
  readonly clock: bigint;
  readonly clockSafe: boolean;
  /** As they will be after the next start; a pending allocation counts from then on. */
  readonly pcrBanks: readonly PcrSelection[];
  /** How the TPM was left; `orderlyStateText` says it in words. */
  readonly orderlyState: number;
  readonly orderlyStateText: string;
  readonly firmwareVersion: readonly [upper: number, lower: number];
  /** In the order of the list. */
  readonly objects: readonly TpmObject[];
  readonly indices: readonly TpmNvIndex[];
  readonly orderlyRam: readonly TpmOrderlyIndex[];
  readonly unreadable: readonly TpmUnreadableEntry[];
  /** Offset of the list's end, or of the broken entry. */
  readonly listEnd: number;
  /** Bytes for further entries; what lies after a broken list is counted. */
  readonly freeBytes: number;
  /** Persistent objects that still fit; the TPM keeps room for some counters. */
  readonly objectRoom: number;
  /** Highest value that any counter ever had; null when the list is broken, or ends too late to hold it. */
  readonly maxCounter: bigint | null;
  /** Where the list breaks; null when it is sound. */
  readonly corruption: Corruption | null;
  readonly problems: readonly TpmStateProblem[];
}

export const checkTpmState: Check = having("pcrBanks", "generation");
