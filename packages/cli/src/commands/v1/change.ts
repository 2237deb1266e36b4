/** Changing the variables of a version 1 file: only when it is asked for by name, and only with a backup. */

import type { Warning, WritableDisk } from "vmgskit";
import { type ChangeV1Document, changeV1View } from "vmgskit/report";
import type { VariableList } from "vmgskit/uefi";
import { openV1, planV1Write, type V1Write, writeV1 } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import type { OptionValues } from "../../declaration/index.ts";
import { UsageError } from "../../exit-codes.ts";
import { reportWarnings } from "../../messages.ts";
import { printDocument, showView } from "../../show.ts";
import { makeBackup, openForChange } from "../../stores-for-change.ts";

export interface V1Change {
  readonly list: VariableList;
  /** What was done, in words. */
  readonly done: string;
  readonly warnings?: readonly Warning[];
}

/** @throws UsageError without --write-v1, or without --backup when something is written */
export async function changeV1Variables(
  context: CommandContext,
  file: string,
  options: OptionValues,
  plan: (list: VariableList) => V1Change | Promise<V1Change>,
): Promise<void> {
  const dryRun = options.dryRun === true;
  checkCall(options, dryRun);
  context.signal.throwIfAborted();
  await using disk = await openForChange(file, options);
  const { layout, copy, variables } = await openV1(disk);
  // What can't be read stays in the data as it is.
  const readable = options.dropUnreadable === true ? { ...variables, problems: [] } : variables;
  const { list, done, warnings = [] } = await plan(readable);
  await reportWarnings(context, warnings, file);
  const write = await planV1Write(disk, layout, copy, list);
  if (write.changes && !dryRun) await carryOut(context, file, options, disk, write);
  const document: ChangeV1Document = {
    schema: "vmgs.change-v1/1",
    file,
    dryRun,
    done: write.changes ? done : "nothing to change",
    written: writtenIn(write),
    warnings,
  };
  if (context.json) await printDocument(context, document);
  else if (dryRun || !context.quiet) await showView(context, changeV1View(document));
}

function checkCall(options: OptionValues, dryRun: boolean): void {
  if (options.writeV1 !== true) {
    throw new UsageError(
      "this is a version 1 file of Windows, whose layout is not documented by its maker",
      "shut the VM down, then add --write-v1 and --backup FILE; --write-v1 --dry-run shows what would change",
    );
  }
  if (options.wipe === true)
    throw new UsageError("--wipe: the copy before a change is kept in a version 1 file");
  if (!dryRun && options.backup === undefined) {
    throw new UsageError(
      "--write-v1 needs --backup",
      "add --backup FILE: a copy of the whole file, made first",
    );
  }
}

async function carryOut(
  { signal }: CommandContext,
  file: string,
  options: OptionValues,
  disk: WritableDisk,
  write: V1Write,
): Promise<void> {
  await makeBackup(file, options);
  signal.throwIfAborted();
  await writeV1(disk, write);
}

function writtenIn({ changes, sequence, slot, index, data }: V1Write): ChangeV1Document["written"] {
  return changes ? { sequence, slot, copy: index, bytes: data.byteLength } : null;
}
