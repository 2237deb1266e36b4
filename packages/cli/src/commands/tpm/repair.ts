import {
  type Change,
  describeFileId,
  FileId,
  listFiles,
  VmgsError,
  type Warning,
  type WritableStore,
} from "vmgskit";
import { type Cut, repairTpmState } from "vmgskit/tpm";
import { commitChanges } from "../../changes.ts";
import type { CommandContext } from "../../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionValues,
  WIPE_OPTION,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { print, printJson, say } from "../../messages.ts";
import { writeWhole } from "../../output-file.ts";
import { makeBackup, withWritableStore } from "../../stores-for-change.ts";
import { escapeText } from "../../terminal/index.ts";
import { readBareState, STATE_FILE_OPTION, stateArgument, stateFileId } from "./state-source.ts";

export const repair: CommandDeclaration = {
  name: "tpm repair",
  summary: "cut a vTPM's state where its list of entries breaks",
  description:
    "An entry that runs past the end of the state, or is too small to be one, is where the list is cut: everything from " +
    "there on becomes zero, as at the first boot of a small vTPM. The entries before it stay. What was there is kept " +
    "by --backup, without which nothing is done. A sound state is left alone.",
  args: [stateArgument],
  options: [
    {
      flags: "--backup <FILE>",
      output: true,
      meaning:
        "TPM_NVRAM_BACKUP or 17: keep the broken state there in the store; else a path for a copy of the whole file",
    },
    { flags: "--force", meaning: "replace a backup that is in file 17 already" },
    { flags: "--dry-run", meaning: "show what would be cut; write nothing" },
    WIPE_OPTION,
    STATE_FILE_OPTION,
    KEY_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs tpm repair vm.vmgs --dry-run", meaning: "see what would be lost" },
    {
      command: "vmgs tpm repair vm.vmgs --backup TPM_NVRAM_BACKUP",
      meaning: "keep the old state in file 17",
    },
    { command: "vmgs tpm repair tpm.bin --backup tpm.old", meaning: "repair a bare state" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const fileId = stateFileId(options);
    const backup = backupOf(options, fileId);
    const bare = await readBareState(context, file, options);
    if (bare !== null) await repairBare(context, file, options, bare, backup);
    else {
      await withWritableStore(context, file, options, (store, warnings) =>
        repairInStore(context, store, { file, fileId, options, backup, warnings }),
      );
    }
    return 0;
  },
};

/** Where what was there goes. */
type Backup = { readonly fileId: number } | { readonly path: string } | null;

/** A path that is called like the file is written `./17`. */
function backupOf(options: OptionValues, fileId: number): Backup {
  const where = options.backup as string | undefined;
  if (where === undefined) return null;
  if (!/^(17|tpm[-_]nvram[-_]backup)$/i.test(where)) return { path: where };
  if (fileId !== FileId.TPM_NVRAM_BACKUP) return { fileId: FileId.TPM_NVRAM_BACKUP };
  throw new UsageError("file 17 itself would be repaired; its backup must go elsewhere", "--backup PATH");
}

function requireBackup(backup: Backup, isStore: boolean): void {
  if (backup !== null) return;
  throw new UsageError(
    "a repair needs a backup of what is there",
    isStore
      ? "--backup TPM_NVRAM_BACKUP keeps it in file 17 of the store, --backup PATH copies the whole file"
      : "--backup PATH copies the file",
  );
}

interface Repair {
  readonly file: string;
  readonly fileId: number;
  readonly options: OptionValues;
  readonly backup: Backup;
  readonly warnings: readonly Warning[];
}

async function repairInStore(context: CommandContext, store: WritableStore, repair: Repair): Promise<void> {
  const { file, fileId, options, backup, warnings } = repair;
  const dryRun = options.dryRun === true;
  const { state } = store;
  const encrypt = listFiles(state).find(({ id }) => id === fileId)?.encrypted === true;
  const content = await store.readFile(fileId);
  const { bytes, cut } = repairTpmState(content);
  const told = { file, fileId, encrypted: encrypt, dryRun, cut, warnings };
  if (cut === null) return report(context, { ...told, backup: null, sequence: null });
  if (!dryRun) requireBackup(backup, true);
  const inStore = backup !== null && "fileId" in backup;
  if (inStore) refuseTaken(store, backup.fileId, options);
  const kept: Change[] = inStore
    ? [{ kind: "write", fileId: backup.fileId, content, encrypt, overwriteEncrypted: true }]
    : [];
  const { next } = await commitChanges(context, store, {
    file,
    options: inStore ? { ...options, backup: undefined } : options,
    changes: [...kept, { kind: "write", fileId, content: bytes, encrypt }],
  });
  await report(context, { ...told, backup, sequence: next.header.sequence });
}

function refuseTaken({ state }: WritableStore, fileId: number, { force }: OptionValues): void {
  if (force === true || !listFiles(state).some(({ id }) => id === fileId)) return;
  throw new VmgsError("VMGS_FILE_ALLOCATED", `${describeFileId(fileId)} exists already`, { fileId });
}

async function repairBare(
  context: CommandContext,
  file: string,
  options: OptionValues,
  state: Uint8Array,
  backup: Backup,
): Promise<void> {
  if (options.file !== undefined) throw new UsageError("a bare state has no files; --file is for stores");
  if (backup !== null && "fileId" in backup) {
    throw new UsageError("a bare state has no file 17", "--backup PATH copies the file");
  }
  const dryRun = options.dryRun === true;
  const { bytes, cut } = repairTpmState(state);
  if (cut !== null && !dryRun) {
    requireBackup(backup, false);
    context.signal.throwIfAborted();
    await makeBackup(file, options);
    await writeWhole(file, bytes, { replace: true, signal: context.signal });
    context.changes.done(file, null);
  }
  const told = { file, fileId: null, encrypted: false, dryRun, cut, warnings: [], sequence: null };
  await report(context, { ...told, backup: cut === null ? null : backup });
}

interface Outcome {
  readonly file: string;
  /** Null for a bare state. */
  readonly fileId: number | null;
  readonly encrypted: boolean;
  readonly dryRun: boolean;
  readonly cut: Cut | null;
  readonly backup: Backup;
  /** Null when no store was changed. */
  readonly sequence: number | null;
  readonly warnings: readonly Warning[];
}

async function report(context: CommandContext, outcome: Outcome): Promise<void> {
  const { file, fileId, encrypted, dryRun, cut, backup, sequence, warnings } = outcome;
  if (context.json) {
    await printJson(context, "vmgs.tpm-repair/1", {
      file,
      source: fileId === null ? "blob" : "store",
      fileId,
      encrypted,
      dryRun,
      cut: cut && { ...cut.corruption, bytes: cut.bytes },
      backupFileId: backup !== null && "fileId" in backup ? backup.fileId : null,
      backupFile: backup !== null && "path" in backup ? backup.path : null,
      sequence,
      warnings,
    });
    return;
  }
  const line = `${escapeText(file)}: ${outcomeWords(outcome)}`;
  // The plan is the result: quiet mode does not silence it.
  await (dryRun ? print(context, line) : say(context, line));
}

function outcomeWords({ fileId, dryRun, cut, backup, sequence }: Outcome): string {
  const what = fileId === null ? "the state" : describeFileId(fileId);
  if (cut === null) return `${what} is sound, nothing to repair`;
  const { offset, kind, claimedBytes } = cut.corruption;
  const why = kind === "entry-past-end" ? "runs past the end" : "is too small";
  const where = backup === null ? "" : `, backup in ${backupWords(backup)}`;
  const after = sequence === null ? "" : `; sequence ${sequence}`;
  return (
    `${dryRun ? "would have cut" : "cut"} ${what} at offset ${offset}, where an entry of ${claimedBytes} bytes ` +
    `${why}: ${cut.bytes} bytes zeroed${where}${after}`
  );
}

const backupWords = (backup: NonNullable<Backup>) =>
  "fileId" in backup ? describeFileId(backup.fileId) : escapeText(backup.path);
