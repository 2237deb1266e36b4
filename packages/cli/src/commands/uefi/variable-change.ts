/** Changing the variables of a store: everything is planned, then written in one transaction, stored as it was. */

import {
  type Change,
  describeFileId,
  FileId,
  isLocked,
  isWrittenEncrypted,
  VmgsError,
  type Warning,
  type WritableStore,
} from "vmgskit";
import { droppedWords } from "vmgskit/report";
import {
  checkListSpace,
  dropUnreadable,
  emptyVariableList,
  encodeVariableList,
  readVariableList,
  type VariableList,
} from "vmgskit/uefi";
import { changeStore, reportNoChange } from "../../changes.ts";
import type { CommandContext } from "../../context.ts";
import {
  CHANGE_OPTIONS,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  type OptionDeclaration,
  type OptionValues,
} from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { isV1File } from "../../guest-states.ts";
import { reportWarnings } from "../../messages.ts";
import { withWritableStore } from "../../stores-for-change.ts";
import { escapeText } from "../../terminal/index.ts";

/** Options of the commands that change variables. */
export const WRITE_OPTIONS: readonly OptionDeclaration[] = [
  {
    flags: "--drop-unreadable",
    meaning: "omit what can't be read of a damaged list; its bytes are lost",
  },
  {
    flags: "--write-v1",
    meaning: "allow changing a version 1 file of Windows; needs --backup, and the VM shut down",
  },
  ...CHANGE_OPTIONS,
  KEY_OPTION,
  ...DISK_OPTIONS,
  JSON_OPTION,
];

/** Beside the options above, where values come from outside. */
export const FORCE_OPTION: OptionDeclaration = {
  flags: "--force",
  meaning: "store values as they are given, even those that are not what their variable holds",
};

/**
 * Refuses a value that its variable can't hold: firmware does not look at it, and fails later.
 *
 * @throws VmgsError VMGS_UEFI_VALUE_UNFIT
 */
export function refuseUnlessForced(problem: VmgsError | null, options: OptionValues): void {
  if (problem === null || options.force === true) return;
  throw new VmgsError(problem.code, `${problem.message}; --force stores it all the same`, problem.facts, {
    cause: problem,
  });
}

export interface VariableChange {
  readonly list: VariableList;
  /** What was done, in words: `set BootNext of EFI_GLOBAL_VARIABLE`. */
  readonly done: string;
  readonly warnings?: readonly Warning[];
}

const LIST_FILE = FileId.BIOS_NVRAM;

/** Changes BIOS_NVRAM, which is made when it does not exist. Nothing is written when nothing changes. */
export async function changeVariables(
  context: CommandContext,
  file: string,
  options: OptionValues,
  planChange: (list: VariableList) => VariableChange | Promise<VariableChange>,
): Promise<void> {
  const plan = async (list: VariableList): Promise<VariableChange> => {
    const change = await planChange(list);
    // Names and values of variables are untrusted, and what was done is printed and reported as it is.
    return { ...change, done: escapeText(change.done) };
  };
  if (await isV1File(context, file, options)) {
    const { changeV1Variables } = await import("../v1/change.ts");
    return changeV1Variables(context, file, options, plan);
  }
  if (options.writeV1 === true) throw new UsageError("--write-v1: the file is not a version 1 file");
  await withWritableStore(context, file, options, async (store, opening) => {
    const before = await readStored(store);
    const read = before === null ? emptyVariableList : readVariableList(before);
    const usable = options.dropUnreadable === true ? dropUnreadable(read) : read;
    const { list, done, warnings: own = [] } = await plan(usable);
    await reportWarnings(context, own, file);
    const warnings = [...opening, ...own];
    checkListSpace(list);
    const content = encodeVariableList(list);
    const words = `${done}${droppedWords(read.parts.length - usable.parts.length)}`;
    if (before === null ? content.length === 0 : Buffer.compare(before, content) === 0) {
      await reportNoChange(context, store, { file, options, warnings });
      return;
    }
    const encrypt = isWrittenEncrypted(store.state, LIST_FILE);
    if (encrypt && isLocked(store.state)) {
      throw new VmgsError("VMGS_NEEDS_UNLOCK", `${describeFileId(LIST_FILE)} must be written encrypted`);
    }
    // The reference writes an empty encrypted file, and can't read it: a machine would not start with one.
    const deleted = encrypt && content.length === 0;
    const change: Change = deleted
      ? { kind: "delete", fileId: LIST_FILE }
      : { kind: "write", fileId: LIST_FILE, content, encrypt };
    await changeStore(context, store, {
      file,
      options,
      changes: [change],
      done: deleted ? `${words}, and with the last variable ${describeFileId(LIST_FILE)}` : words,
      warnings,
    });
  });
}

async function readStored(store: WritableStore): Promise<Uint8Array | null> {
  return store.state.files.has(LIST_FILE) ? await store.readFile(LIST_FILE) : null;
}
