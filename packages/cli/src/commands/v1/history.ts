/** `vmgs history` of a version 1 file: its two copies of the data. */

import type { Warning } from "vmgskit";
import { historyV1Document, historyV1View } from "vmgskit/report";
import { examineV1File } from "vmgskit/v1";
import type { CommandContext } from "../../context.ts";
import { ExitCode } from "../../exit-codes.ts";
import { describeError, reportWarnings } from "../../messages.ts";
import { type BrokenDisk, containerDocument } from "../../recovery-disks.ts";
import { printDocument, showView } from "../../show.ts";

export async function historyV1(
  context: CommandContext,
  file: string,
  disk: BrokenDisk,
  warnings: readonly Warning[],
): Promise<number> {
  const facts = { container: containerDocument(disk), warnings };
  const document = historyV1Document(file, await examineV1File(disk), facts, describeError);
  if (context.json) await printDocument(context, document);
  else {
    await reportWarnings(context, warnings, file);
    await showView(context, historyV1View(document));
  }
  return document.error === null && disk.containerProblem === null ? ExitCode.done : ExitCode.foundBad;
}
