/** `vmgs history` of a version 1 file: its two copies of the data. */

import type { Warning } from "vmgskit";
import { compareVariables, type VariableChange } from "vmgskit/comparison";
import type { RecoveryDiskFile } from "vmgskit/node";
import { compareV1States, describeV1, examineV1File, type InspectedV1Copy, v1Lists } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import { ExitCode } from "../../exit-codes.ts";
import { describeError, print, printJson, reportWarnings } from "../../messages.ts";
import { containerDocument } from "../../recovery-disks.ts";
import { escapeText, formatSize } from "../../terminal/index.ts";
import { printWrapped } from "../../wrapped.ts";
import { copyDocument } from "./inspect.ts";

export async function historyV1(
  context: CommandContext,
  file: string,
  disk: RecoveryDiskFile,
  warnings: readonly Warning[],
): Promise<number> {
  const examination = await examineV1File(disk);
  const { copies, order, error, partition, gpt } = describeV1(examination);
  const [current, previous] = examination.copies;
  const lists = v1Lists(examination);
  const variables = lists === null ? null : compareVariables(...lists);
  const states = current?.data && previous?.data ? compareV1States(previous.data, current.data) : null;
  if (context.json) {
    await printJson(context, "vmgs.history-v1/1", {
      file,
      container: containerDocument(disk),
      error: error === null ? null : describeError(error),
      order,
      copies: copies.map(copyDocument),
      states,
      variables,
      warnings,
    });
  } else {
    await reportWarnings(context, warnings, file);
    await print(
      context,
      `${context.colors.bold(escapeText(file))}: ${partition === null && gpt.partitions !== null ? "GPT disk without guest state" : "version 1 file of Windows"}`,
    );
    if (error !== null) await printWrapped(context, "  ", escapeText(error.message), context.colors.red);
    for (const copy of copies) await printWrapped(context, `${copy.generation}: `, copyWords(copy));
    for (const change of variables ?? []) await printWrapped(context, "  ", changeWords(change));
    if (variables?.length === 0 && states?.length === 0) await print(context, "  no difference");
    for (const { kind, device, state } of states ?? []) {
      await printWrapped(
        context,
        "  ",
        `${kind}: state ${escapeText(state)} of device ${escapeText(device)}`,
      );
    }
  }
  return error === null && disk.containerProblem === null ? ExitCode.done : ExitCode.foundBad;
}

function copyWords({ index, bytes, variables, lastUpdateTime, error }: InspectedV1Copy): string {
  if (error !== null) return `copy ${index}: ${error.message}`;
  const updated = lastUpdateTime === null ? "" : `, last update ${escapeText(lastUpdateTime)}`;
  return `copy ${index}, ${formatSize(bytes)}, ${variables} variables${updated}`;
}

const WORDS = { came: "added", went: "removed", changed: "changed" } as const;

function changeWords({ kind, name, vendor, what }: VariableChange): string {
  const details = what.length === 0 ? "" : `: ${what.map(escapeText).join(", ")}`;
  return `${WORDS[kind]}: ${escapeText(name)} (${escapeText(vendor)})${details}`;
}
