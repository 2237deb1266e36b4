/**
 * What the first boot does with a state, foretold without an engine (spec: tpm-nvram, what was seen by running the
 * engine and OpenHCL's first boot). Assumes a VM with attestation, no seed refresh and no pending operation.
 */

import { checkBytes, checkObject } from "../../arguments/index.ts";
import { decode, hexNumber } from "../../layout/index.ts";
import { akAttributes, describeHandle, NvIndexHandle, PersistentHandle, TPM_ALG } from "../protocol/index.ts";
import { TPM_NVRAM_SIZE } from "../vtpm-parameters.ts";
import { Capacity } from "./buffers.ts";
import {
  ENTRY_HEADER_SIZE,
  OBJECT_ENTRY_SIZE,
  objectEntry,
  rsaParameters,
  TERMINATOR_SIZE,
} from "./entry-layout.ts";
import {
  type EngineEntry,
  type EngineWalk,
  hasRoomForEnd,
  loadNvMemory,
  orderlyRamOverrun,
  repairAsBoot,
  walkAsEngine,
} from "./nv-memory.ts";
import { countCounters, objectsThatFit } from "./object-room.ts";
import { type FixedRegions, fixedRegions, MAX_PCR_BANKS, persistentData } from "./state-layout.ts";

/**
 * Why a VM does not start with a state: the state's size; a list that leads out of the memory, never ends, has an entry
 * that is too small, or ends too late; a count or length above what it counts. Or the key at the AK's handle can't be
 * read.
 */
export type TpmStartFailureKind =
  | "state-size"
  | "list-leaves"
  | "list-loops"
  | "entry-too-small"
  | "list-end"
  | "orderly-ram"
  | "pcr-count"
  | "authorization-length"
  | "ak-type";

/** What keeps a VM from starting. */
export interface TpmStartFailure {
  readonly kind: TpmStartFailureKind;
  /** Bytes from the start of the state. */
  readonly offset: number;
  /** What is there: the size, count, length or key, as a sentence without a full stop. */
  readonly message: string;
}

/** What becomes of the key at the AK's handle. */
export interface TpmStartAk {
  /**
   * `made`: there was none. `kept`. `remade`: it is evicted and made anew from the endorsement seed. `lost`: it is
   * evicted, and the memory has no room to make the new one persistent.
   */
  readonly fate: "made" | "kept" | "remade" | "lost";
  /** TPMA_OBJECT of the key that is there, or null. */
  readonly attributes: number | null;
  /** Whether a certificate is asked for; refused for a kept key that the platform did not make. */
  readonly canRenew: boolean;
}

/** What the first boot does with a state. */
export interface TpmStart {
  /** Where the boot zeroes a state of 16 KiB from, in bytes; null when it does not. */
  readonly cutAt: number | null;
  /** Entries that the engine sees after that. */
  readonly entries: number;
  /** Null when the VM starts. */
  readonly failure: TpmStartFailure | null;
  /** Null when it does not start. */
  readonly ak: TpmStartAk | null;
}

interface Loaded {
  readonly state: Uint8Array;
  readonly memory: Uint8Array;
  readonly regions: FixedRegions;
  readonly walk: EngineWalk;
  readonly isLegacy: boolean;
  readonly ak: Ak | null;
}

interface Ak extends EngineEntry {
  readonly isWhole: boolean;
  readonly type: number;
  readonly keyBits: number;
  readonly attributes: number;
}

/** Foretells what the first boot does with the bytes of file 3. Never throws. */
export function foretellTpmStart(bytes: Uint8Array): TpmStart {
  checkBytes(bytes, "bytes");
  const isLegacy = bytes.length === TPM_NVRAM_SIZE.legacy;
  if (!isLegacy && bytes.length !== TPM_NVRAM_SIZE.current) {
    const message = `the state has ${bytes.length} bytes, neither ${TPM_NVRAM_SIZE.current} nor ${TPM_NVRAM_SIZE.legacy}`;
    return { cutAt: null, entries: 0, failure: { kind: "state-size", offset: 0, message }, ak: null };
  }
  const { state, cutAt } = repairAsBoot(bytes);
  const memory = loadNvMemory(state);
  const walk = walkAsEngine(memory);
  const loaded = {
    state,
    memory,
    regions: decode(fixedRegions, memory),
    walk,
    isLegacy,
    ak: findAk(memory, walk),
  };
  const failure = firstFailure(loaded);
  return { cutAt, entries: walk.entries.length, failure, ak: failure === null ? fateOfAk(loaded) : null };
}

function firstFailure(loaded: Loaded): TpmStartFailure | null {
  return regionFailure(loaded) ?? listFailure(loaded) ?? akFailure(loaded) ?? authorizationFailure(loaded);
}

function regionFailure({ regions: { persistent, orderlyRam } }: Loaded): TpmStartFailure | null {
  const { pcrBankCount } = persistent;
  if (pcrBankCount > MAX_PCR_BANKS) {
    const offset = fixedRegions.offsets.persistent + persistentData.offsets.pcrBankCount;
    const message = `the PCR allocation has ${pcrBankCount} banks, with room for ${MAX_PCR_BANKS}`;
    return { kind: "pcr-count", offset, message };
  }
  const overrun = orderlyRamOverrun(orderlyRam);
  if (overrun === null) return null;
  const offset = fixedRegions.offsets.orderlyRam + overrun;
  return { kind: "orderly-ram", offset, message: "the RAM copy of the orderly indices runs past its end" };
}

function listFailure({ state, walk, isLegacy }: Loaded): TpmStartFailure | null {
  const { offset, outcome, entries } = walk;
  const small = entries.find(({ size }) => size < ENTRY_HEADER_SIZE);
  if (small !== undefined && !isLegacy) {
    const message = `the entry of ${small.size} bytes is smaller than its own header`;
    return { kind: "entry-too-small", offset: small.offset, message };
  }
  if (outcome === "loops") {
    return {
      kind: "list-loops",
      offset,
      message: "the entry leads back to one before it: the list never ends",
    };
  }
  const last = entries.at(-1);
  const end = outcome === "leaves" && last !== undefined ? last.offset + last.size : offset;
  if (end > state.length) {
    return { kind: "list-leaves", offset, message: "the entry leads past the end of the memory" };
  }
  if (hasRoomForEnd(state.length, end)) return null;
  const message = `the list of entries ends ${state.length - end} bytes before the end of the state, too late for the engine`;
  return { kind: "list-end", offset: end, message };
}

function findAk(memory: Uint8Array, { entries }: EngineWalk): Ak | null {
  const found = entries.find(({ handle }) => handle === PersistentHandle.AK);
  if (found === undefined) return null;
  const isWhole = found.offset + OBJECT_ENTRY_SIZE < memory.length;
  if (!isWhole) return { ...found, isWhole, type: 0, keyBits: 0, attributes: 0 };
  const { type, objectAttributes, parameters } = decode(objectEntry, memory, found.offset).publicArea;
  const { keyBits } = decode(rsaParameters, parameters);
  return { ...found, isWhole, type, keyBits, attributes: objectAttributes };
}

const AK_KEY_BITS = 2048;

/** The boot reads the public area of the key that is there, and takes only answers as long as those of its own AK. */
function akFailure({ ak, isLegacy }: Loaded): TpmStartFailure | null {
  if (ak === null) return null;
  const refuse = (what: string): TpmStartFailure => ({
    kind: "ak-type",
    offset: ak.offset,
    message: `${describeHandle(PersistentHandle.AK)} ${what}`,
  });
  if (!ak.isWhole) return refuse("runs past the end of the memory");
  if (ak.type !== TPM_ALG.RSA) return refuse("is not an RSA key");
  if (isLegacy && ak.keyBits !== AK_KEY_BITS) return refuse(`has ${ak.keyBits} bits, not ${AK_KEY_BITS}`);
  return null;
}

/** The engine aborts when an authorization that is longer than its buffer is used. */
function authorizationFailure({
  regions: { persistent },
  walk,
  isLegacy,
  ak,
}: Loaded): TpmStartFailure | null {
  const hasIndex = walk.entries.some(({ handle }) => handle === NvIndexHandle.AK_CERTIFICATE);
  // The owner's evicts the AK and reads the certificate; the EK is made with the endorsement hierarchy's.
  const used = [
    ...(!isLegacy || ak === null || hasIndex ? (["ownerAuth"] as const) : []),
    "endorsementAuth" as const,
  ];
  const name = used.find((field) => persistent[field].size > Capacity.digest);
  if (name === undefined) return null;
  const offset = fixedRegions.offsets.persistent + persistentData.offsets[name];
  const message = `${name} has a length of ${persistent[name].size}, but a buffer of ${Capacity.digest} bytes`;
  return { kind: "authorization-length", offset, message };
}

function fateOfAk({ state, memory, walk, isLegacy, ak }: Loaded): TpmStartAk {
  if (ak === null) return { fate: "made", attributes: null, canRenew: true };
  const { attributes } = ak;
  if (isLegacy) return { fate: "kept", attributes, canRenew: attributes === akAttributes() };
  const freeBytes = state.length - walk.offset - TERMINATOR_SIZE + OBJECT_ENTRY_SIZE;
  const fits = objectsThatFit(freeBytes, countCounters(memory, walk.entries)) > 0;
  return { fate: fits ? "remade" : "lost", attributes, canRenew: true };
}

/** `at 7156: the entry of 3 bytes is smaller than its own header` */
export function describeStartFailure(failure: TpmStartFailure): string {
  checkObject(failure, "failure", "kind", "offset", "message");
  const { kind, offset, message } = failure;
  return kind === "state-size" ? message : `at ${hexNumber(offset)}: ${message}`;
}
