/** Reading a TPM state: tolerant of anything that fits its regions. */

import { checkBytes } from "../../arguments/index.ts";
import { decode, problems as rulesOf } from "../../layout/index.ts";
import { handleType, TPM_ALG, TPM_HT } from "../protocol/index.ts";
import { TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import { content, type Tpm2b } from "./buffers.ts";
import { type EntryList, type EntryPlace, walkEntries } from "./entries.ts";
import { NV_INDEX_ENTRY_SIZE, OBJECT_ENTRY_SIZE, TERMINATOR_SIZE } from "./entry-layout.ts";
import { countCounters, objectsThatFit } from "./object-room.ts";
import { type OrderlyData, readOrderlyRam } from "./orderly-ram.ts";
import { readNvIndex } from "./read-index.ts";
import { readObject } from "./read-object.ts";
import type {
  TpmHierarchy,
  TpmLockout,
  TpmNvIndex,
  TpmObject,
  TpmSavedState,
  TpmState,
  TpmStateProblem,
  TpmUnreadableEntry,
} from "./state.ts";
import {
  describeOrderlyState,
  type FixedRegions,
  fixedRegions,
  persistentData,
  shutdownType,
} from "./state-layout.ts";
import { checkStateSize } from "./state-size.ts";

/**
 * Reads a TPM state of revision 1.38: file 3 of a store, 32768 bytes, or 16384 from the legacy service. Damage is listed
 * in `problems` and `corruption`, not thrown. Asynchronous because names are checked with WebCrypto.
 *
 * @throws VmgsError VMGS_TPM_STATE_SIZE below 3520 and above 131072 bytes
 */
export async function readTpmState(state: Uint8Array): Promise<TpmState> {
  checkBytes(state, "state");
  checkStateSize(state.length);
  const regions = decode(fixedRegions, state);
  const problems: TpmStateProblem[] = [];
  reportRegions(regions, problems);
  const ram = readOrderlyRam(regions.orderlyRam);
  if (ram.brokenAt !== null) {
    const offset = fixedRegions.offsets.orderlyRam + ram.brokenAt;
    problems.push({ offset, handle: null, message: "the RAM copy of the orderly indices is broken" });
  }
  const list = walkEntries(state);
  const wasShutDown = shutdownType(regions.persistent.orderlyState) !== null;
  const entries = await readEntries(state, list.entries, { copies: ram.copies, wasShutDown }, problems);
  if (list.corruption === null && list.maxCounter === null) {
    const message = `the list of entries ends ${state.length - list.end} bytes before the end of the state; the engine needs more than ${TERMINATOR_SIZE}`;
    problems.push({ offset: list.end, handle: null, message });
  }
  const free = freeBytes(state, list);
  return {
    byteLength: state.length,
    generation: generationOf(state.length),
    ...describeRegions(regions),
    ...entries,
    orderlyRam: ram.copies.map(({ handle, attributes, data }) => ({
      handle,
      attributes,
      dataBytes: data.length,
    })),
    listEnd: list.end,
    freeBytes: free,
    objectRoom: Math.max(0, objectsThatFit(free, countCounters(state, list.entries))),
    maxCounter: list.maxCounter,
    corruption: list.corruption,
    problems,
  };
}

function generationOf(byteLength: number): TpmState["generation"] {
  if (byteLength === TPM_NVRAM_SIZE.current) return "current";
  return byteLength === TPM_NVRAM_SIZE.legacy ? "legacy" : "unknown";
}

function freeBytes(state: Uint8Array, { end, corruption }: EntryList): number {
  return Math.max(0, state.length - end - (corruption === null ? TERMINATOR_SIZE : 0));
}

function describeRegions({ persistent, stateClear, orderly }: FixedRegions) {
  const { owner, endorsement, lockout } = hierarchiesOf(persistent);
  return {
    disableClear: persistent.disableClear !== 0,
    owner,
    endorsement,
    lockout,
    saved: shutdownType(persistent.orderlyState) === "STATE" ? savedState(stateClear) : null,
    totalResetCount: persistent.totalResetCount,
    resetCount: persistent.resetCount,
    timeEpoch: persistent.timeEpoch,
    clock: orderly.clock,
    clockSafe: orderly.clockSafe !== 0 && shutdownType(persistent.orderlyState) !== null,
    pcrBanks: persistent.pcrBanks
      .slice(0, persistent.pcrBankCount)
      .map(({ hash, sizeOfSelect, select }) => ({ hash, select: select.subarray(0, sizeOfSelect) })),
    orderlyState: persistent.orderlyState,
    orderlyStateText: describeOrderlyState(persistent.orderlyState),
    firmwareVersion: [persistent.firmwareV1, persistent.firmwareV2] as const,
  };
}

function hierarchy(auth: Tpm2b, algorithm: number, policy: Tpm2b): TpmHierarchy {
  // Without a policy, the bytes of the platform's algorithm were never set in some states.
  const none = algorithm === TPM_ALG.NULL || policy.size === 0;
  return {
    authSet: auth.size > 0,
    policyAlg: none ? null : algorithm,
    policy: none ? null : content(policy),
  };
}

function hierarchiesOf(p: FixedRegions["persistent"]) {
  const lockout: TpmLockout = {
    ...hierarchy(p.lockoutAuth, p.lockoutAlg, p.lockoutPolicy),
    failedTries: p.failedTries,
    maxTries: p.maxTries,
    recoveryTime: p.recoveryTime,
    lockoutRecovery: p.lockoutRecovery,
    authEnabled: p.lockoutAuthEnabled !== 0,
    locked: p.failedTries >= p.maxTries,
  };
  return {
    owner: hierarchy(p.ownerAuth, p.ownerAlg, p.ownerPolicy),
    endorsement: hierarchy(p.endorsementAuth, p.endorsementAlg, p.endorsementPolicy),
    lockout,
  };
}

function savedState(saved: FixedRegions["stateClear"]): TpmSavedState {
  return {
    storageEnabled: saved.storageEnabled !== 0,
    endorsementEnabled: saved.endorsementEnabled !== 0,
    platformNvEnabled: saved.platformNvEnabled !== 0,
    platform: hierarchy(saved.platformAuth, saved.platformAlg, saved.platformPolicy),
  };
}

function reportRegions({ persistent }: FixedRegions, found: TpmStateProblem[]): void {
  for (const { field, offset, message } of rulesOf(persistentData, persistent)) {
    found.push({
      offset: fixedRegions.offsets.persistent + offset,
      handle: null,
      message: `${field} ${message}`,
    });
  }
}

async function readEntries(
  state: Uint8Array,
  places: readonly EntryPlace[],
  orderly: OrderlyData,
  problems: TpmStateProblem[],
) {
  const objects: TpmObject[] = [];
  const indices: TpmNvIndex[] = [];
  const unreadable: TpmUnreadableEntry[] = [];
  for (const place of places) {
    const type = handleType(place.handle);
    if (type === TPM_HT.PERSISTENT && place.entryBytes >= OBJECT_ENTRY_SIZE) {
      objects.push(await readObject(state, place, problems));
    } else if (type === TPM_HT.NV_INDEX && place.entryBytes >= NV_INDEX_ENTRY_SIZE) {
      indices.push(await readNvIndex(state, place, orderly, problems));
    } else {
      unreadable.push(place);
    }
  }
  const [first] = unreadable;
  if (first !== undefined) {
    const message = `${unreadable.length} entries are neither a whole NV index nor a whole object`;
    problems.push({ offset: first.offset, handle: null, message });
  }
  return { objects, indices, unreadable };
}
