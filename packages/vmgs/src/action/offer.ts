/** Declared actions, made specific for a file, and without those that would be refused. Pure. */

import { FileId, fileRole, parseFileId } from "../format/index.ts";
import type { Action, ActionFileId, OfferedAction } from "./action.ts";

/** An action with the words for what it is good for. */
export function offer(words: string, action: Action): OfferedAction {
  return { words, action };
}

/** What is known of a finding: its file, block, and the bytes of a whole disk. */
export interface Subject {
  readonly fileId?: number;
  readonly block?: number;
  readonly bytes?: number;
}

/** A declared action with the values of one case for its placeholders; null when one has no value. */
export function specific({ words, action }: OfferedAction, subject: Subject): OfferedAction | null {
  const values: Readonly<Record<string, number | undefined>> = {
    ID: subject.fileId,
    BLOCK: subject.block,
    BYTES: subject.bytes,
  };
  const entries = Object.entries(action).map(([name, value]): [string, unknown] =>
    typeof value === "string" && Object.hasOwn(values, value) ? [name, values[value]] : [name, value],
  );
  if (entries.some(([, value]) => value === undefined)) return null;
  return { words, action: Object.fromEntries(entries) as unknown as Action };
}

/** A file of a store, as far as actions depend on it. */
export interface KnownFile {
  readonly encrypted: boolean;
  readonly blocks: number;
}

/** What decides which actions are possible. */
export interface Situation {
  readonly version: 1 | 3;
  /** The store opens. */
  readonly opens: boolean;
  /** Writers refuse a store whose file table contradicts itself. */
  readonly writable: boolean;
  readonly encrypted: boolean;
  /** The right key opens it. */
  readonly unlockable: boolean;
  /** Blocks of the longest free run: what is written must fit into it. */
  readonly largestFreeRun: number;
  /** Files of the current generation. */
  readonly files: ReadonlyMap<number, KnownFile>;
  /** Files of the generation before that are not the same stored bytes as now; null when it does not open. */
  readonly previousFiles: ReadonlyMap<number, KnownFile> | null;
}

/** Actions that can be done in a situation, with a key where one is needed. */
export function availableActions(
  actions: readonly OfferedAction[],
  situation: Situation,
): readonly OfferedAction[] {
  const available: OfferedAction[] = [];
  for (const { words, action } of actions) {
    const complete = withKey(action, situation);
    const locked = "withKey" in complete && complete.withKey === true && !situation.unlockable;
    if (locked || !isPossible(complete, situation)) continue;
    // What is written back was read before.
    if (action.kind === "writeFile" && !available.some((one) => reads(one.action, action.fileId))) continue;
    available.push({ words, action: complete });
  }
  return available;
}

const reads = (action: Action, fileId: ActionFileId) =>
  action.kind === "readFile" && action.fileId === fileId;

/** Actions that work on any file, however damaged. */
const ALWAYS: readonly Action["kind"][] = [
  "doctor",
  "boot",
  "history",
  "repair",
  "carve",
  "convert",
  "provision",
  "readTopic",
];

const CHANGES: readonly Action["kind"][] = [
  "writeFile",
  "deleteFile",
  "moveFile",
  "encrypt",
  "decrypt",
  "rekey",
  "wipe",
  "resetBootEntries",
  "setVariable",
  "repairTpm",
];

const OF_V1: readonly Action["kind"][] = ["inspect", "listVariables", "readV1Data", "hexdump"];

function isPossible(action: Action, situation: Situation): boolean {
  const { version, opens, writable, encrypted, files, previousFiles, largestFreeRun } = situation;
  if (version === 1)
    return OF_V1.includes(action.kind) || (ALWAYS.includes(action.kind) && !isV3Only(action));
  if (ALWAYS.includes(action.kind)) return true;
  if (CHANGES.includes(action.kind) && (!writable || blocksFor(action, situation) > largestFreeRun))
    return false;
  if (action.kind === "deleteFile" && isKept(parseFileId(String(action.fileId)), encrypted)) return false;
  const needed = fileOf(action);
  if ("generation" in action && action.generation === "previous") {
    return previousFiles !== null && (needed === null || previousFiles.has(needed));
  }
  if (action.kind === "encrypt") return opens && !encrypted;
  if (action.kind === "decrypt" || action.kind === "rekey") return opens && encrypted && situation.unlockable;
  return opens && (needed === null || files.has(needed));
}

/** Files that nothing can make again: the boot, or the guest, would miss them. */
function isKept(fileId: number, encrypted: boolean): boolean {
  switch (fileId) {
    case FileId.KEY_PROTECTOR:
    case FileId.VM_UNIQUE_ID:
    case FileId.HW_KEY_PROTECTOR:
      return encrypted;
    case FileId.ATTEST:
    case FileId.GUEST_SECRET_KEY:
    case FileId.PLATFORM_SEED:
    case FileId.PROVENANCE_DOC:
      return true;
    default:
      return false;
  }
}

const isV3Only = ({ kind }: Action) => kind === "repair" || kind === "convert" || kind === "provision";

/** Free blocks that a change needs: those of the files that it writes, and of both tables. */
function blocksFor(action: Action, { files }: Situation): number {
  const blocks = (wanted: (fileId: number, file: KnownFile) => boolean) =>
    [...files].reduce((sum, [id, file]) => sum + (wanted(id, file) ? file.blocks : 0), TABLES);
  switch (action.kind) {
    case "wipe":
      return 0;
    case "encrypt":
      return blocks((id) => fileRole(id).confidential);
    case "decrypt":
      return blocks((_, { encrypted }) => encrypted);
    case "rekey":
      return action.rewrite === true ? blocks((_, { encrypted }) => encrypted) : TABLES;
    case "writeFile":
      return blocks((id) => id === parseFileId(String(action.fileId)));
    default:
      return TABLES;
  }
}

/** The file table and the extended one. */
const TABLES = 2;

/** The file of the store that an action reads or replaces; null when it needs none. */
function fileOf(action: Action): number | null {
  switch (action.kind) {
    case "readFile":
    case "deleteFile":
      return parseFileId(String(action.fileId));
    case "hexdump":
      return action.fileId === undefined ? null : parseFileId(String(action.fileId));
    case "moveFile":
      return parseFileId(String(action.from));
    case "resetBootEntries":
    case "listVariables":
    case "showBootEntries":
    case "showSecureBoot":
    case "setVariable":
      return parseFileId("BIOS_NVRAM");
    case "inspectTpm":
    case "repairTpm":
    case "readAkCertificate":
      return parseFileId("TPM_NVRAM");
    case "rawMarker":
      return parseFileId("PROVISIONING_MARKER");
    default:
      return null;
  }
}

/** Every change of an encrypted store needs the key, and so does reading an encrypted file. */
function withKey(action: Action, situation: Situation): Action {
  const { encrypted, files, previousFiles } = situation;
  if (!encrypted || !TAKES_KEY.includes(action.kind)) return action;
  if (CHANGES.includes(action.kind)) return { ...action, withKey: true } as Action;
  const previous = "generation" in action && action.generation === "previous";
  const needed = fileOf(action);
  const file = needed === null ? undefined : (previous ? previousFiles : files)?.get(needed);
  // An entry that says plain by mistake would give ciphertext.
  const sealed = file?.encrypted === true || (needed !== null && fileRole(needed).confidential);
  return sealed ? ({ ...action, withKey: true } as Action) : action;
}

const TAKES_KEY: readonly Action["kind"][] = [
  "readFile",
  "writeFile",
  "deleteFile",
  "moveFile",
  "hexdump",
  "listVariables",
  "setVariable",
  "showBootEntries",
  "resetBootEntries",
  "showSecureBoot",
  "inspectTpm",
  "repairTpm",
  "readAkCertificate",
];
