/** The datastore key of a store, derived from the protectors in it (spec: guest-files, 3). */

import { checkDisk, type Disk } from "../disk/index.ts";
import { isVmgsError } from "../errors/index.ts";
import { FileId } from "../format/index.ts";
import {
  deriveCandidates,
  type KeyCandidate,
  type KeyEntry,
  type KeySources,
  type NoCandidateReason,
} from "../guest/index.ts";
import {
  checkKeySlots,
  isEncrypted,
  type KeySlotCheck,
  type OpenOptions,
  openStore,
  type Store,
} from "../store/index.ts";

/** What the key is derived from, beside the protectors in the store. */
export type StoreKeySources = Omit<KeySources, "keyProtector" | "vmUniqueId">;

/** Why there is no key. */
export type MissingKeyReason =
  | NoCandidateReason
  /** The store has no KEY_PROTECTOR (6). */
  | "noKeyProtector"
  /** KEY_PROTECTOR (6) has a size that is not allowed, or is encrypted. */
  | "keyProtectorUnreadable"
  /** The store has no VM_UNIQUE_ID (7). */
  | "noVmUniqueId"
  /** VM_UNIQUE_ID (7) is too short, or encrypted. */
  | "vmUniqueIdUnreadable";

/** What gives no key, and why. */
export interface MissingKey {
  /** Entry of the key protector; null where it is not about one. */
  readonly entry: KeyEntry | null;
  readonly reason: MissingKeyReason;
}

/** A derived key, tried on the store. */
export interface TriedCandidate extends KeyCandidate {
  /** What it does with each key slot; null for a store that is not encrypted. */
  readonly slots: readonly KeySlotCheck[] | null;
}

/** What could be derived, and what of it opens the store. */
export interface StoreKeyDerivation {
  /** Whether the store is encrypted: without that no key can be verified. */
  readonly encrypted: boolean;
  /** The ingress entry first. */
  readonly candidates: readonly TriedCandidate[];
  readonly missing: readonly MissingKey[];
  /** The candidate that opens the store, or null. */
  readonly opening: TriedCandidate | null;
}

/**
 * Derives the keys that the sources and the store's own protectors give, and tries each on the key slots. Reads only.
 *
 * @throws VmgsError as `openStore`
 */
export async function deriveStoreKey(
  disk: Disk,
  sources: StoreKeySources,
  options: Omit<OpenOptions, "key"> = {},
): Promise<StoreKeyDerivation> {
  checkDisk(disk, "disk");
  // Without protectors it only checks the sources.
  await deriveCandidates(sources);
  const store = await openStore(disk, options);
  const { protectors, missing: unread } = await readProtectors(store, sources);
  const { candidates, missing } = await deriveFrom(sources, protectors);
  const encrypted = isEncrypted(store.state);
  const tried: TriedCandidate[] = [];
  for (const candidate of candidates) {
    const slots = encrypted ? await checkKeySlots(disk, candidate.key, options) : null;
    tried.push({ ...candidate, slots });
  }
  const opening = tried.find(({ slots }) => slots?.some(({ result }) => result === "opens")) ?? null;
  return { encrypted, candidates: tried, missing: [...unread, ...missing], opening };
}

/** One protector that can't be read does not hide what the other gives. */
async function deriveFrom(
  sources: StoreKeySources,
  { keyProtector, vmUniqueId }: Protectors["protectors"],
): Promise<{ candidates: KeyCandidate[]; missing: MissingKey[] }> {
  const candidates: KeyCandidate[] = [];
  const missing: MissingKey[] = [];
  const add = async (protectors: Partial<KeySources>, reason: MissingKeyReason) => {
    try {
      const found = await deriveCandidates({ ...sources, ...protectors });
      candidates.push(...found.candidates);
      missing.push(...found.missing);
    } catch (error) {
      if (!isVmgsError(error, "VMGS_KEY_PROTECTOR")) throw error;
      missing.push({ entry: null, reason });
    }
  };
  if (keyProtector !== undefined) await add({ keyProtector }, "keyProtectorUnreadable");
  if (vmUniqueId !== undefined) await add({ vmUniqueId }, "vmUniqueIdUnreadable");
  return { candidates, missing };
}

interface Protectors {
  readonly protectors: Pick<KeySources, "keyProtector" | "vmUniqueId">;
  readonly missing: readonly MissingKey[];
}

/** The protectors that the sources are for. */
async function readProtectors(store: Store, sources: StoreKeySources): Promise<Protectors> {
  const { tenantKey, gspSeed, hostSeed } = sources;
  const missing: MissingKey[] = [];
  const miss = (reason: MissingKeyReason) => missing.push({ entry: null, reason });
  let protectors: Protectors["protectors"] = {};
  if (tenantKey !== undefined || gspSeed !== undefined) {
    const keyProtector = await contentOf(store, FileId.KEY_PROTECTOR);
    if (keyProtector === "missing") miss("noKeyProtector");
    else if (keyProtector === "locked") miss("keyProtectorUnreadable");
    else protectors = { ...protectors, keyProtector };
  }
  if (hostSeed !== undefined) {
    const vmUniqueId = await contentOf(store, FileId.VM_UNIQUE_ID);
    if (vmUniqueId === "missing") miss("noVmUniqueId");
    else if (vmUniqueId === "locked") miss("vmUniqueIdUnreadable");
    else protectors = { ...protectors, vmUniqueId };
  }
  return { protectors, missing };
}

/** Bytes of a file that a boot reads before it unlocks the store. */
async function contentOf(store: Store, fileId: number): Promise<Uint8Array | "missing" | "locked"> {
  if (!store.state.files.has(fileId)) return "missing";
  try {
    return await store.readFile(fileId);
  } catch (error) {
    if (isVmgsError(error, "VMGS_NEEDS_UNLOCK")) return "locked";
    throw error;
  }
}
