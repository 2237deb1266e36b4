/** What a diagnosis could not look at, and what it would take. Pure. */

import { describeFileId, FileId, isSealed } from "../format/index.ts";
import { isEncrypted, isLocked, type StoreState, usedKeySlots } from "../store/index.ts";
import { MOST_SEARCHED } from "./evidence/index.ts";
import { type Evidence, isRecognised } from "./findings/index.ts";

/** Something that may be wrong without being found. */
export interface NotChecked {
  /** What was not looked at. */
  readonly what: string;
  /** Why not. */
  readonly why: string;
  /** What would make it possible: the datastore key, or nothing that this tool knows. */
  readonly needs: "key" | null;
}

/** Lists what the findings are silent about. */
export function notChecked(evidence: Evidence): NotChecked[] {
  const { container, store, guest, v1 } = evidence;
  if (v1 !== null) return v1.error === null ? [UNJUDGED_V1] : [UNREAD_V1];
  const state = store?.state ?? null;
  if (store === null)
    return [{ what: "any store in the file", why: "it is not a disk image that can be read", needs: null }];
  if (state === null) {
    return container.firstByteAt === null
      ? behindSearched(container.fileBytes)
      : [{ what: "the files of the store", why: "the store does not open", needs: null }];
  }
  const found = [...withoutKey(evidence, state), ...beyondUs(evidence, state)];
  const { unsearchedFrom = null } = evidence.leftovers ?? {};
  if (unsearchedFrom !== null) {
    const what = `old plain content in unused space from byte ${unsearchedFrom} on`;
    found.push({ what, why: "it is too much to read", needs: null });
  }
  if (guest.tpm?.state && !isRecognised(guest.tpm.state)) {
    found.push({
      what: "the content of TPM_NVRAM (3)",
      why: "it is not a state of a known build",
      needs: null,
    });
  }
  return found;
}

const UNREAD_V1: NotChecked = {
  what: "the current data of the version 1 file",
  why: "it can't be read",
  needs: null,
};

const UNJUDGED_V1: NotChecked = {
  what: "secure boot and the boot order in the version 1 file",
  why: "it is not documented which keys the firmware of Windows adds to them",
  needs: null,
};

/** A blank disk is only looked at so far. */
function behindSearched(fileBytes: number): NotChecked[] {
  const what = `whether all bytes after the first ${MOST_SEARCHED} are zero`;
  return fileBytes <= MOST_SEARCHED ? [] : [{ what, why: "they are too many to read", needs: null }];
}

/** What an encrypted file would show, where that is more than its tag. */
const JUDGED: Readonly<Record<number, string>> = {
  [FileId.BIOS_NVRAM]: "boot entries and secure boot",
  [FileId.TPM_NVRAM]: "damage, AK certificate, agreement with the marker",
  [FileId.CUSTOM_UEFI]: "custom UEFI settings",
  [FileId.TPM_PPI]: "pending physical presence operations",
  [FileId.PLATFORM_SEED]: "agreement with the provenance document",
};

function withoutKey({ store }: Evidence, state: StoreState): NotChecked[] {
  if (!isLocked(state)) return [];
  const why =
    store?.keyError === null ? "encrypted, and no key was given" : "encrypted, and the key does not open it";
  const sealed = [...state.files.values()].filter(
    ({ fileId, attributes }) => isSealed(attributes) && fileId !== FileId.EXTENDED_FILE_TABLE,
  );
  const needs = "key" as const;
  const found: NotChecked[] = sealed.map(({ fileId }) => {
    const judged = JUDGED[fileId];
    return {
      what: `${describeFileId(fileId)}: ${judged === undefined ? "" : `${judged}, `}its tag`,
      why,
      needs,
    };
  });
  found.push({ what: "whether both file tables agree, and the keys in the extended one", why, needs });
  return found;
}

function beyondUs({ files, guest }: Evidence, state: StoreState): NotChecked[] {
  const found: NotChecked[] = [];
  if (isEncrypted(state) && usedKeySlots(state.header).length > 1) {
    const opened = state.unlocked?.keySlot;
    const what = opened === undefined ? "which of the two keys opens the store" : `key slot ${1 - opened}`;
    found.push({ what, why: "every key must be tried on its own", needs: "key" });
  }
  if (state.files.has(FileId.TPM_185_NVRAM)) {
    const what = `the content of ${describeFileId(FileId.TPM_185_NVRAM)}`;
    found.push({ what, why: "the layout of revision 1.85 is not known", needs: null });
  }
  for (const { record, tooLarge } of files) {
    if (!tooLarge) continue;
    const what = `the content of ${describeFileId(record.fileId)}`;
    found.push({ what, why: `${record.byteLength} bytes are too many to read`, needs: null });
  }
  if (guest.tpm?.akCertificate?.certificate) {
    found.push({
      what: "who signed the AK certificate",
      why: "no root certificates are at hand",
      needs: null,
    });
  }
  return found;
}
