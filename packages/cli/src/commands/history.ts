import { guestStateVersion } from "vmgskit/guest-state";
import { readHistory } from "vmgskit/recovery";
import { historyDocument, historyView } from "vmgskit/report";
import {
  type CommandDeclaration,
  JSON_OPTION,
  READING_OPTIONS,
  storeArgument,
} from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { describeError, reportWarnings } from "../messages.ts";
import { containerDocument, containerWarnings, openBroken } from "../recovery-disks.ts";
import { printDocument, showView } from "../show.ts";

export const history: CommandDeclaration = {
  name: "history",
  summary: "show the generations of a store, and what happened between them",
  description:
    "The two headers lead to the current and the previous generation. Older file tables are found in free blocks, as " +
    "long as nothing was written over them. The disk does not record their order: each is followed by the one that " +
    "differs least from it. Works on stores that can't be opened; the exit code is then 3.",
  args: [storeArgument],
  options: [
    { flags: "--files", meaning: "list the files of every generation" },
    JSON_OPTION,
    ...READING_OPTIONS,
  ],
  examples: [
    { command: "vmgs history vm.vmgs", meaning: "what the last changes did" },
    { command: "vmgs history vm.vmgs --files", meaning: "with all files, and what became of them" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    await using disk = await openBroken(context, file, options);
    const warnings = containerWarnings(disk);
    if ((await guestStateVersion(disk)) === 1) {
      const { historyV1 } = await import("./v1/history.ts");
      return await historyV1(context, file, disk, warnings);
    }
    const found = await readHistory(disk);
    const openError = found.openError === null ? null : describeError(found.openError, file);
    const document = historyDocument(file, found, {
      container: containerDocument(disk),
      openError,
      warnings,
    });
    if (context.json) await printDocument(context, document);
    else {
      await reportWarnings(context, warnings, file);
      await showView(context, historyView(document, { files: options.files === true }));
    }
    return found.openError === null && disk.containerProblem === null ? ExitCode.done : ExitCode.foundBad;
  },
};
