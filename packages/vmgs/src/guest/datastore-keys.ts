/** Datastore keys, derived from what protects them (spec: guest-files, 3). Candidates: only a store shows which one fits. */

import { checkBytes, eachOf, having, oneOf, optionsOf } from "../arguments/index.ts";
import { VmgsError } from "../errors/index.ts";
import { isAllZero } from "../format/index.ts";
import { copyBytes, decode, encode, guid } from "../layout/index.ts";
import { checkSecret, Secret } from "../secret/index.ts";
import { kbkdf } from "./kbkdf.ts";
import { AES_WRAPPED_SIZE, decodeKeyProtector, dekKind, type KeyProtector } from "./key-protector.ts";
import { RSA_OAEP } from "./tenant-key.ts";

/** An entry of a key protector: the one that unlocks the store, or the one that the next boot changes to. */
export type KeyEntry = "ingress" | "egress";

/** What protects a datastore key. */
export type KeyScheme = "tenantKey" | "tenantKeyAndGsp" | "gspKey" | "gspById";

/** What candidates are derived from; each part is optional. */
export interface KeySources {
  /** Content of KEY_PROTECTOR (6). */
  readonly keyProtector?: Uint8Array;
  /** Content of VM_UNIQUE_ID (7). */
  readonly vmUniqueId?: Uint8Array;
  /** Private key of the tenant, as `importTenantKey` gives it. */
  readonly tenantKey?: CryptoKey;
  /** Wrapped key of the disk encryption settings: RSA-OAEP of an AES-256 key. */
  readonly wrappedDesKey?: Uint8Array;
  /** Decrypted guest state protection seed. */
  readonly gspSeed?: Secret;
  /** The host's seed, for GspById. */
  readonly hostSeed?: Secret;
  /** Entries that are looked at; both when absent. */
  readonly entries?: readonly KeyEntry[];
}

/** A key that may open the store. */
export interface KeyCandidate {
  readonly scheme: KeyScheme;
  /** Entry of the key protector; null for GspById. */
  readonly entry: KeyEntry | null;
  readonly key: Secret;
}

/** Why an entry gives no key. */
export type NoCandidateReason =
  /** Neither a wrapped key nor a seed is in it. */
  | "entryEmpty"
  /** It has a wrapped key, and no tenant key was given. */
  | "needsTenantKey"
  /** Its key is AES-wrapped, and no wrapped DES key was given. */
  | "needsWrappedDesKey"
  /** The tenant key does not unwrap it: it is another key, or damaged. */
  | "unwrapFailed";

/** An entry that gives no key. */
export interface NoCandidate {
  readonly entry: KeyEntry;
  readonly reason: NoCandidateReason;
}

/** What could be derived, and why not more. */
export interface KeyCandidates {
  /** The ingress entry first. */
  readonly candidates: readonly KeyCandidate[];
  readonly missing: readonly NoCandidate[];
}

const KEY_BYTES = 32;
const LABEL = new TextEncoder().encode("VMGSKEY");

const checkSources = optionsOf({
  keyProtector: checkBytes,
  vmUniqueId: checkBytes,
  tenantKey: having("algorithm", "usages"),
  wrappedDesKey: checkBytes,
  gspSeed: checkSecret,
  hostSeed: checkSecret,
  entries: eachOf(oneOf(["ingress", "egress"])),
});

/**
 * Derives every datastore key that the sources give. None is tried on a store here.
 *
 * @throws VmgsError VMGS_KEY_PROTECTOR when the bytes can't be a key protector, or a VM unique ID
 */
export async function deriveCandidates(sources: KeySources): Promise<KeyCandidates> {
  checkSources(sources, "sources");
  const candidates: KeyCandidate[] = [];
  const missing: NoCandidate[] = [];
  const { keyProtector, wrappedDesKey } = sources;
  const aesWrapped = wrappedDesKey !== undefined;
  const protector = keyProtector === undefined ? null : checkedProtector(keyProtector, aesWrapped);
  for (const entry of protector === null ? [] : (sources.entries ?? (["ingress", "egress"] as const))) {
    const found = await deriveEntry(protector as KeyProtector, entry, sources);
    if (typeof found === "string") missing.push({ entry, reason: found });
    else candidates.push(...found);
  }
  const { vmUniqueId, hostSeed } = sources;
  if (vmUniqueId !== undefined && hostSeed !== undefined) {
    candidates.push({ scheme: "gspById", entry: null, key: await keyById(vmUniqueId, hostSeed) });
  }
  return { candidates, missing };
}

function checkedProtector(bytes: Uint8Array, aesWrapped: boolean): KeyProtector {
  const decoded = decodeKeyProtector(bytes, { aesWrapped });
  if (decoded !== null) return decoded;
  const message = `${bytes.length} bytes can't be a key protector`;
  throw new VmgsError("VMGS_KEY_PROTECTOR", message, { bytes: bytes.length });
}

async function deriveEntry(
  protector: KeyProtector,
  entry: KeyEntry,
  sources: KeySources,
): Promise<KeyCandidate[] | NoCandidateReason> {
  const index = (protector.activeKp + (entry === "ingress" ? 0 : 1)) % 2;
  const wrapped = protector.dek[index]?.wrapped ?? new Uint8Array(0);
  const kind = dekKind(wrapped);
  const { gspSeed } = sources;
  if (kind === null) {
    if (gspSeed === undefined || protector.gsp[index]?.length === 0) return "entryEmpty";
    return [{ scheme: "gspKey", entry, key: await rolled(new Uint8Array(KEY_BYTES), gspSeed) }];
  }
  const dek = await unwrapDek(wrapped, kind, sources);
  if (typeof dek === "string") return dek;
  const found: KeyCandidate[] = [];
  if (gspSeed !== undefined) {
    found.push({ scheme: "tenantKeyAndGsp", entry, key: await rolled(dek.expose(), gspSeed) });
  }
  return [...found, { scheme: "tenantKey", entry, key: dek }];
}

async function rolled(key: Uint8Array, context: Secret): Promise<Secret> {
  return new Secret(await kbkdf(key, { label: LABEL, context: context.expose(), bytes: KEY_BYTES }));
}

async function keyById(vmUniqueId: Uint8Array, hostSeed: Secret): Promise<Secret> {
  if (vmUniqueId.length < 16) {
    const message = `${vmUniqueId.length} bytes can't be a VM unique ID`;
    throw new VmgsError("VMGS_KEY_PROTECTOR", message, { bytes: vmUniqueId.length });
  }
  const context = encode(guid, decode(guid, vmUniqueId));
  return new Secret(await kbkdf(hostSeed.expose(), { label: LABEL, context, bytes: KEY_BYTES }));
}

async function unwrapDek(
  wrapped: Uint8Array,
  kind: "rsa" | "aes",
  { tenantKey, wrappedDesKey }: KeySources,
): Promise<Secret | NoCandidateReason> {
  if (tenantKey === undefined) return "needsTenantKey";
  if (kind === "rsa") return (await unwrapRsa(tenantKey, wrapped)) ?? "unwrapFailed";
  if (wrappedDesKey === undefined) return "needsWrappedDesKey";
  const desKey = await unwrapRsa(tenantKey, wrappedDesKey);
  return (desKey && (await unwrapAes(desKey, wrapped.subarray(0, AES_WRAPPED_SIZE)))) ?? "unwrapFailed";
}

/** RSA-OAEP with SHA-256: the wrapped key is as long as the modulus, and zeros may follow it. */
async function unwrapRsa(key: CryptoKey, wrapped: Uint8Array): Promise<Secret | null> {
  const { modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  const size = Math.ceil(modulusLength / 8);
  if (wrapped.length < size || !isAllZero(wrapped.subarray(size))) return null;
  try {
    return keySecret(new Uint8Array(await crypto.subtle.decrypt(RSA_OAEP, key, copyBytes(wrapped, 0, size))));
  } catch {
    return null;
  }
}

/** AES key wrap with padding (RFC 5649). */
async function unwrapAes(key: Secret, wrapped: Uint8Array): Promise<Secret | null> {
  const { aeskwp } = await import("@noble/ciphers/aes.js");
  try {
    return keySecret(aeskwp(key.expose()).decrypt(wrapped));
  } catch {
    return null;
  }
}

/** Keys have 32 bytes; what unwraps to another size is something else. */
function keySecret(bytes: Uint8Array): Secret | null {
  const found = bytes.length === KEY_BYTES ? new Secret(bytes) : null;
  bytes.fill(0);
  return found;
}
