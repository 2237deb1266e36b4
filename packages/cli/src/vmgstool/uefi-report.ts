/** What the two dumps of UEFI variables have in common: text or document, and the exit code. */

import type { Warning } from "vmgskit";
import { type VariableList, variableToJson } from "vmgskit/uefi";
import type { CommandContext } from "../context.ts";
import type { OptionValues } from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { printJson } from "../messages.ts";
import { writeWhole } from "../output-file.ts";
import { ToolExitCode } from "./exit-codes.ts";
import { say } from "./messages.ts";
import { describeVariables, variableText } from "./variables-text.ts";

export interface VariablesReport {
  readonly list: VariableList;
  readonly warnings: readonly Warning[];
}

/** The exit code is 1 when anything could not be read; what can be read is shown all the same. */
export async function reportVariables(
  context: CommandContext,
  options: OptionValues,
  { list, warnings }: VariablesReport,
): Promise<number> {
  const file = options.filePath as string;
  const described = describeVariables(list, options.truncate === true);
  const failed = list.problems.length > 0 || described.some(({ error }) => error !== null);
  if (context.json) {
    const variables = described.map(({ variable, lines, error }) => ({
      ...variableToJson(variable),
      bytes: variable.data.length,
      lines,
      error,
    }));
    const problems = list.problems.map(({ id, offset, message, name }) => ({ id, offset, message, name }));
    const document = { file, bytes: list.byteLength, variables, problems, warnings };
    await printJson(context, "vmgstool.uefi-nvram/1", document);
  } else {
    await writeText(context, options, described.map(variableText).join(""));
    for (const { offset, message, name } of list.problems) {
      const named = name === null ? "" : ` (${name})`;
      await say(context, `${file}: variable list at ${offset}${named}: ${message}`);
    }
    for (const { variable, error } of described) {
      if (error !== null) await say(context, `${file}: ${variable.name}: ${error}`);
    }
  }
  return failed ? ToolExitCode.failed : ToolExitCode.done;
}

async function writeText(context: CommandContext, options: OptionValues, text: string): Promise<void> {
  const target = options.outputPath as string | undefined;
  if (target === undefined || target === "-") {
    await context.stdout.write(text);
    return;
  }
  await writeWhole(target, text, { replace: true, isPrivate: true, signal: context.signal });
}

/** @throws UsageError */
export function checkReportOptions(options: OptionValues): void {
  if (options.json === true && options.outputPath !== undefined) {
    throw new UsageError("--json goes to standard output, so it does not go with --output-path");
  }
}
