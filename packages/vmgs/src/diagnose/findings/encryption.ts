/** Keys, nonces, and what is encrypted. Pure; no key or seed gets into a finding. */

import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  fileRole,
  header,
  headerOffset,
  isAllZero,
  isSealed,
  isStoreTable,
  metadataKeySlot,
} from "../../format/index.ts";
import { toHex } from "../../layout/index.ts";
import { isEncrypted, type MarkerLocation, type StoreState, usedKeySlots } from "../../store/index.ts";
import type { FileEvidence, PlainLeftover, StoreEvidence } from "../evidence/index.ts";
import { type Finding, type FindingEvidence, finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";
import { reusedNonces } from "./nonces.ts";

/** What is wrong with encryption, or without it. */
export function encryptionFindings({
  store,
  files,
  marker,
  leftovers,
  guest,
  noKeySource,
  vm,
}: Evidence): Finding[] {
  const state = store?.state ?? null;
  if (store === null || state === null) return [];
  if (!isEncrypted(state)) return openSecrets(files, marker);
  return [
    ...zeroMetadataKey(store, state),
    ...keySlots(store, state),
    ...reusedNonces(state, store.previous),
    ...weakFileKeys(state),
    ...changedEntries(state, store.previous, files),
    ...files.flatMap(damagedFiles),
    ...plainFiles(files),
    ...withoutKeySource({ guest, noKeySource, vm }),
    ...plainLeftovers(leftovers?.plain ?? []),
  ];
}

function openSecrets(files: readonly FileEvidence[], _marker: MarkerLocation | null): Finding[] {
  return files
    .filter(({ record, form }) => fileRole(record.fileId).secret && form === "plain" && record.byteLength > 0)
    .map(({ record }) =>
      finding("encryption-secrets-open", `${describeFileId(record.fileId)} is plain`, placeOf(record)),
    );
}

const placeOf = ({ fileId, block, byteLength }: FileEvidence["record"]): FindingEvidence => ({
  offset: block * BLOCK_SIZE,
  fileId,
  block,
  bytes: byteLength,
});

/** One finding for each file of which pieces are left. */
function plainLeftovers(pieces: readonly PlainLeftover[]): Finding[] {
  return [...new Set(pieces.map(({ fileId }) => fileId))].map((fileId) => {
    const left = pieces.filter((piece) => piece.fileId === fileId);
    const [first] = left as [PlainLeftover];
    const behind = new Set(left.flatMap(({ slackOf }) => (slackOf === null ? [] : [slackOf])));
    const free = left.filter(({ slackOf }) => slackOf === null).length;
    const places = [...behind].map((id) => `after the end of ${describeFileId(id)}`);
    if (free > 0) places.push(free === 1 ? "in a free block" : `in ${free} free blocks`);
    const message = `pieces of ${describeFileId(fileId)} lie ${places.join(", ")}: ${first.evidence.join("; ")}`;
    const { offset } = first;
    const facts = { offset, block: Math.floor(offset / BLOCK_SIZE), fileId, pieces: left.length };
    return finding("encryption-plain-leftover", message, facts);
  });
}

function zeroMetadataKey({ zeroMetadataKey: found }: StoreEvidence, state: StoreState): Finding[] {
  if (!found) return [];
  const block = state.files.get(FileId.EXTENDED_FILE_TABLE)?.block ?? 0;
  const encrypted = [...state.files.values()].filter(
    ({ fileId, attributes }) => isSealed(attributes) && fileId !== FileId.EXTENDED_FILE_TABLE,
  );
  const message = `the extended file table at block ${block} decrypts with a key of zeros and a nonce of zeros, without any key of yours; ${encrypted.length} encrypted files are open`;
  const facts = { offset: block * BLOCK_SIZE, block, encryptedFiles: encrypted.length };
  return [finding("encryption-zero-metadata-key", message, facts)];
}

/** Which slots are in use, and which of them still open the store. */
function keySlots({ keyError, previous }: StoreEvidence, state: StoreState): Finding[] {
  const used = usedKeySlots(state.header);
  const found: Finding[] = [];
  if (used.length > 1) {
    const facts = { offset: keySlotOffset(state, 0), slots: used.join(", ") };
    found.push(finding("encryption-two-keys", "both key slots are in use", facts));
  }
  const stale = used.length > 1 ? staleSlots(state, previous) : [];
  for (const slot of stale) {
    const message = `key slot ${slot} is as it was one generation ago, but the extended file table has a new metadata key since`;
    found.push(finding("encryption-stale-slot", message, { offset: keySlotOffset(state, slot), slot }));
  }
  if (keyError?.code !== "VMGS_EXTENDED_FILE_TABLE" || stale.length > 0) return found;
  const block = state.files.get(FileId.EXTENDED_FILE_TABLE)?.block;
  const facts = block === undefined ? {} : { offset: block * BLOCK_SIZE, block };
  const id = used.length > 1 ? "encryption-stale-slot" : "encryption-table-unreadable";
  return [...found, finding(id, keyError.message, facts)];
}

function keySlotOffset({ activeSlot, geometry }: StoreState, slot: number): number {
  const first = headerOffset(activeSlot, geometry.sectorSize) + header.offsets.metadataKeys;
  return first + slot * (metadataKeySlot.size ?? 0);
}

/**
 * Slots that the last write of the extended file table did not refresh: every such write takes a new metadata key, so
 * a slot that stayed as it was wraps an old one. Needs no key, but shows only the last transaction.
 */
function staleSlots(state: StoreState, previous: StoreState | null): (0 | 1)[] {
  const table = state.files.get(FileId.EXTENDED_FILE_TABLE);
  const before = previous?.files.get(FileId.EXTENDED_FILE_TABLE);
  if (previous === null || table === undefined || before === undefined) return [];
  if (isAllZero(before.tag) || toHex(table.tag) === toHex(before.tag)) return [];
  const slots = (of: StoreState) =>
    of.headers[of.activeSlot].header.metadataKeys.map(
      ({ nonce, authenticationTag }) => toHex(nonce) + toHex(authenticationTag),
    );
  const [now, then] = [slots(state), slots(previous)];
  return usedKeySlots(state.header).filter((slot) => now[slot] === then[slot]);
}

/** Keys of files that are zero or that two files share; only seen once the store is unlocked. */
function weakFileKeys(state: StoreState): Finding[] {
  const found: Finding[] = [];
  const seen = new Map<string, number>();
  for (const [fileId, { key, attributes }] of state.unlocked?.fileKeys ?? []) {
    if (!isSealed(attributes) || isStoreTable(fileId)) continue;
    const bytes = key.expose();
    const other = seen.get(toHex(bytes));
    seen.set(toHex(bytes), fileId);
    if (isAllZero(bytes)) {
      found.push(
        finding("encryption-weak-file-key", `the key of ${describeFileId(fileId)} is zero`, { fileId }),
      );
    } else if (other !== undefined) {
      const message = `${describeFileId(other)} and ${describeFileId(fileId)} have the same key`;
      found.push(finding("encryption-weak-file-key", message, { fileId, otherFileId: other }));
    }
  }
  return found;
}

/**
 * Entries that differ from those of the generation before, though the file did not move. Needs no key; what a key could
 * decrypt is sound, and then the entry before is the wrong one.
 */
function changedEntries(
  state: StoreState,
  previous: StoreState | null,
  files: readonly FileEvidence[],
): Finding[] {
  const found: Finding[] = [];
  const decrypted = new Set(
    files
      .filter(({ form, error, tooLarge }) => form === "sealed" && error === null && !tooLarge)
      .map(({ record }) => record.fileId),
  );
  for (const record of state.files.values()) {
    const isTable = record.fileId === FileId.EXTENDED_FILE_TABLE && state.unlocked !== null;
    if (isTable || decrypted.has(record.fileId)) continue;
    const before = previous?.files.get(record.fileId);
    const sealed = isSealed(record.attributes) || (before !== undefined && isSealed(before.attributes));
    if (!sealed || before === undefined || before.block !== record.block) continue;
    const changed = [
      ...(toHex(before.nonce) === toHex(record.nonce) ? [] : ["nonce"]),
      ...(toHex(before.tag) === toHex(record.tag) ? [] : ["tag"]),
      ...(before.byteLength === record.byteLength ? [] : ["length"]),
    ].join(", ");
    if (changed === "") continue;
    const message = `${describeFileId(record.fileId)} lies at block ${record.block} as before, but its ${changed} changed`;
    found.push(finding("encryption-entry-changed", message, { ...placeOf(record), changed }));
  }
  return found;
}

function damagedFiles({ record, error, storedAllZero }: FileEvidence): Finding[] {
  if (storedAllZero) {
    const message = `all ${record.byteLength} stored bytes of ${describeFileId(record.fileId)} are zero`;
    return [finding("encryption-content-wiped", message, placeOf(record))];
  }
  if (error?.code !== "VMGS_AUTHENTICATION_FAILED") return [];
  return [finding("encryption-file-damaged", error.message, placeOf(record))];
}

/** Named files that belong encrypted; what a file without a name holds, only its writer knows. */
function plainFiles(files: readonly FileEvidence[]): Finding[] {
  return files
    .filter(
      ({ record, form }) => form === "plain" && shouldBeEncrypted(record.fileId) && record.byteLength > 0,
    )
    .map(({ record }) =>
      finding(
        "encryption-file-plain",
        `${describeFileId(record.fileId)} is stored in plain`,
        placeOf(record),
      ),
    );
}

function shouldBeEncrypted(fileId: number): boolean {
  const { name, confidential } = fileRole(fileId);
  return name !== null && confidential;
}

function withoutKeySource({
  guest: { small },
  noKeySource,
  vm,
}: Pick<Evidence, "guest" | "noKeySource" | "vm">): Finding[] {
  if (noKeySource === null) return [];
  // What is wrong with files 6 and 7 has findings of its own.
  const id = small.get(FileId.VM_UNIQUE_ID);
  if (vm.attestation && (small.has(FileId.KEY_PROTECTOR) || (id && id.facts === null))) return [];
  return [finding("encryption-protection-unknown", noKeySource)];
}
