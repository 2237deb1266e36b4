import { isVmgsError } from "vmgskit";
import { type Diagnosis, diagnose } from "vmgskit/diagnose";
import { nodeCipher, openImageFile } from "vmgskit/node";
import { doctorDocument, doctorView, unreadableDoctorDocument } from "vmgskit/report";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  JSON_OPTION,
  KEY_OPTION,
  storesArgument,
} from "../declaration/index.ts";
import { ExitCode } from "../exit-codes.ts";
import { forEachFile } from "../many-files.ts";
import { describeError, print } from "../messages.ts";
import { AT_OPTION, momentOf } from "../moment.ts";
import { printDocument, showView } from "../show.ts";
import { containerOptions, readKey } from "../stores.ts";

export const doctor: CommandDeclaration = {
  name: "doctor",
  summary: "find what is wrong with a store, what it means, and what to do",
  description:
    "Reads the whole file and never writes, also of what can't be opened at all. Every finding has a stable name, a " +
    "severity, the evidence, what it means and a cure; docs/findings.md lists them. What could not be looked at, such " +
    "as encrypted files without --key, is told too. The exit code is 3 when a finding is an error or critical.",
  args: [storesArgument],
  options: [JSON_OPTION, KEY_OPTION, AT_OPTION, ...DISK_OPTIONS],
  examples: [
    { command: "vmgs doctor vm.vmgs", meaning: "for people" },
    { command: "vmgs doctor vm.vmgs --key vm.key", meaning: "look into encrypted files, too" },
    { command: "vmgs doctor --json *.vmgs", meaning: "one JSON document a line" },
  ],
  async run(context, args, options) {
    const key = await readKey(context, options);
    const now = momentOf(options);
    const files = args[0] as readonly string[];
    let bad = false;
    const code = await forEachFile(context, files, async (file) => {
      const diagnosis = await examine(context, file, {
        ...containerOptions(options),
        now,
        ...(key && { key }),
      });
      bad ||= diagnosis.verdict === "damaged" || diagnosis.verdict === "critical";
      const told = diagnosis.error ?? diagnosis.keyError;
      const document = doctorDocument(file, diagnosis, told && describeError(told));
      if (context.json) await printDocument(context, document);
      else {
        if (file !== files[0]) await print(context, "");
        await showView(context, doctorView(document));
      }
      // A table that can't be decrypted is a finding already; a key that does not fit is the caller's mistake.
      if (isVmgsError(diagnosis.keyError, "VMGS_WRONG_KEY")) throw diagnosis.keyError;
    });
    return bad && (code === ExitCode.done || code === ExitCode.keyNeeded) ? ExitCode.foundBad : code;
  },
};

async function examine(
  context: CommandContext,
  file: string,
  options: Parameters<typeof diagnose>[1],
): Promise<Diagnosis> {
  try {
    await using image = await openImageFile(file);
    return await diagnose(image, { ...options, cipher: nodeCipher });
  } catch (error) {
    if (context.json && isVmgsError(error)) {
      await printDocument(context, unreadableDoctorDocument(file, describeError(error)));
    }
    throw error;
  }
}
