/** What is wrong with a list as a whole. */

import type { VariableList } from "vmgskit/uefi";
import { type CommandContext, widthOf } from "../../context.ts";
import { ExitCode } from "../../exit-codes.ts";
import { print } from "../../messages.ts";
import { formatCount, loadTable } from "../../terminal/index.ts";
import { shortText } from "./value-words.ts";

/** More problems than this say no more. */
const MOST_SHOWN = 50;

/** Parts that can't be read, with their offsets; nothing when there are none. */
export async function printProblems(
  context: CommandContext,
  { parts, problems }: VariableList,
): Promise<void> {
  if (problems.length === 0) return;
  const { colors, stdout } = context;
  await print(context, `\n${colors.red(formatCount(problems.length, "problem"))} of the list`);
  const sizes = new Map(
    parts.flatMap((part) =>
      part.kind === "unreadable" ? [[part.problem.offset, part.bytes.length] as const] : [],
    ),
  );
  const columns = [
    { title: "offset", align: "right" as const },
    { title: "bytes", align: "right" as const },
    { title: "name" },
    { title: "problem" },
  ];
  const rows = problems
    .slice(0, MOST_SHOWN)
    .map(({ id, offset, name, message }) => [
      String(offset),
      id === "file-too-large" ? "" : String(sizes.get(offset) ?? ""),
      shortText(name ?? ""),
      message,
    ]);
  const { formatTable } = await loadTable();
  await stdout.write(formatTable(columns, rows, { colors, width: widthOf(stdout) }));
  if (problems.length > rows.length) await print(context, `  ... ${problems.length - rows.length} more`);
}

/** 3 when something could not be read, else 0. */
export function codeFor(list: VariableList, ...errors: readonly unknown[]): number {
  const sound = list.problems.length === 0 && errors.every((error) => error === null);
  return sound ? ExitCode.done : ExitCode.foundBad;
}
