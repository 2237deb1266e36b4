/** Repairing an encrypted store: what its key can show, and the cure of the zero metadata key (spec: encryption). */

import { offer } from "../../action/index.ts";
import { isVmgsError } from "../../errors/index.ts";
import {
  BLOCK_SIZE,
  describeFileId,
  FileId,
  type HeaderSlot,
  isAllZero,
  isSealed,
  isStoreTable,
  otherSlot,
} from "../../format/index.ts";
import type { Secret } from "../../secret/index.ts";
import { read, run } from "../../steps/index.ts";
import { type Change, listFiles, type StoreState, usedKeySlots } from "../../store/index.ts";
import {
  readFileSteps,
  unlockSteps,
  wipePlanSteps,
  wipeUnused,
  zeroMetadataKeySteps,
} from "../../store/rooms.ts";
import { commitKept } from "./commit-kept.ts";
import type { KeptEntries } from "./entries.ts";
import { changeHeader } from "./headers.ts";
import { offerPrevious } from "./offer-previous.ts";
import type { OverlayDisk } from "./overlay.ts";
import type { DraftPlan, TableDecisions } from "./types.ts";
import { dropUnreadable } from "./unreadable.ts";

/** Says that a store is encrypted, though nothing in it is. */
async function repairNeverEncrypted(state: StoreState, disk: OverlayDisk, draft: DraftPlan): Promise<void> {
  draft.findings.push("the store says that it is encrypted, but both key slots are empty");
  const extended = state.files.get(FileId.EXTENDED_FILE_TABLE);
  const sealed = [...state.files.values()].filter(
    ({ fileId, attributes }) => fileId !== FileId.EXTENDED_FILE_TABLE && isSealed(attributes),
  );
  const isBlank =
    extended !== undefined && isAllZero(await run(read(extended.block * BLOCK_SIZE, BLOCK_SIZE), disk));
  if (sealed.length > 0 || !isBlank) {
    draft.unrepaired.push({
      problem: "no key can open the store, and parts of it are encrypted",
      advice: "read the plain files, look at the previous generation, or take a sound copy",
      actions: [
        offer("list the files", { kind: "inspect" }),
        offer("show older generations", { kind: "history" }),
      ],
    });
    return;
  }
  const { headers, activeSlot } = state;
  const pair = [headers[activeSlot], headers[otherSlot(activeSlot)]] as const;
  await changeHeader(disk, pair, { encryptionAlgorithm: 0 });
  draft.steps.push({
    kind: "encryption",
    title: "say in the header that the store is not encrypted",
    evidence: [
      "no entry is marked as encrypted",
      "the extended file table is all zeros, so it is not encrypted",
    ],
  });
}

export async function repairEncrypted(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: TableDecisions,
): Promise<void> {
  const { key, cipher } = decisions;
  if (usedKeySlots(state.header).length === 0) {
    await repairNeverEncrypted(state, disk, draft);
    return;
  }
  const isOpen = await run(zeroMetadataKeySteps(state), disk, cipher);
  if (isOpen)
    draft.findings.push(
      "the extended file table is encrypted with a key of zeros: every file can be read without a key",
    );
  if (key === undefined) {
    if (isOpen) {
      draft.unrepaired.push({
        problem: "the files must be encrypted anew, under new keys",
        advice: "give the datastore key and a new one, because the old keys were exposed",
        actions: [
          offer("plan the repair with both keys", { kind: "repair", withKey: true, withNewKey: true }),
        ],
      });
    } else draft.notes.push("encrypted files were not checked: that needs the key");
    await commitKept(state, kept, disk, [], cipher);
    return;
  }
  const unlocked = await unlockOrOffer(state, disk, draft, decisions, key);
  if (unlocked === null) return;
  const unreadable = await dropUnreadable(unlocked, kept, disk, draft, cipher);
  if (unreadable.length > 0)
    await offerPrevious(disk, draft, decisions, { needed: false, better: unreadable });
  alignAttributes(unlocked, kept, draft);
  if (!isOpen) {
    await commitKept(unlocked, kept, disk, [], cipher);
    return;
  }
  await rekey(unlocked, kept, disk, draft, decisions);
}

async function unlockOrOffer(
  state: StoreState,
  disk: OverlayDisk,
  draft: DraftPlan,
  decisions: TableDecisions,
  key: Secret,
): Promise<StoreState | null> {
  try {
    return await run(unlockSteps(state, key), disk, decisions.cipher);
  } catch (error) {
    if (!isVmgsError(error, "VMGS_EXTENDED_FILE_TABLE")) throw error;
    draft.findings.push(error.message);
    await offerPrevious(disk, draft, decisions, { needed: true });
    draft.unrepaired.push({
      problem: "the keys of the encrypted files of this generation are lost",
      advice: "go back to the previous generation if it is offered, or take a sound copy",
      actions: [],
    });
    return null;
  }
}

/** The file table's copy of the attributes, where the extended table or the missing tag knows better. */
function alignAttributes(state: StoreState, kept: KeptEntries, draft: DraftPlan): void {
  for (const { fileId, attributes } of kept.files.values()) {
    if (isStoreTable(fileId)) continue;
    const known = state.unlocked?.fileKeys.get(fileId)?.attributes;
    if (known === undefined || known === attributes) continue;
    const name = describeFileId(fileId);
    draft.findings.push(`${name}: the two file tables disagree about how it is stored`);
    kept.renew = true;
    draft.steps.push({
      kind: "tables",
      title: `bring what both tables say of ${name} in line with how it is stored`,
      evidence: ["it can be read, so it is known whether it is encrypted"],
    });
  }
}

/** The full cure of the zero metadata key: every encrypted file under a new key, and no old copy left. */
async function rekey(
  state: StoreState,
  kept: KeptEntries,
  disk: OverlayDisk,
  draft: DraftPlan,
  { newKey, cipher }: TableDecisions,
): Promise<void> {
  const changes: Change[] = [];
  const whole: StoreState = { ...state, files: kept.files };
  for (const { id, encrypted } of listFiles(whole)) {
    if (!encrypted) continue;
    const content = await run(readFileSteps(whole, id), disk, cipher);
    changes.push({ kind: "write", fileId: id, content, encrypt: true });
  }
  const active = state.unlocked?.keySlot as HeaderSlot;
  if (newKey !== undefined) {
    const others = usedKeySlots(state.header).filter((slot) => slot !== active);
    changes.push(...others.map((keySlot): Change => ({ kind: "removeKey", keySlot })));
    changes.push({ kind: "addKey", key: newKey }, { kind: "removeKey", keySlot: active });
  }
  kept.renew = true;
  const next = await commitKept(state, kept, disk, changes, cipher);
  const title = `encrypt ${changes.filter(({ kind }) => kind === "write").length} files anew under new keys, and the extended file table under a new metadata key`;
  const { freeBlocks } = await run(wipePlanSteps(next), disk);
  await wipeUnused(disk, next);
  draft.steps.push({
    kind: "encryption",
    title: `${title}; then wipe ${freeBlocks} free blocks, the previous generation among them, and the bytes after the ends of files`,
    evidence: [
      "the extended file table decrypts with a key of zeros and a nonce of zeros, and its tag matches",
      "old copies in free blocks can also be read without a key",
    ],
  });
  if (newKey === undefined) {
    draft.notes.push(
      "the datastore key stays: it was not exposed by the flaw itself; a new key can replace it",
    );
  } else {
    draft.steps.push({
      kind: "encryption",
      title: "replace the old datastore key with the new one",
      evidence: ["you gave it, and the old key opens the store"],
    });
  }
}
