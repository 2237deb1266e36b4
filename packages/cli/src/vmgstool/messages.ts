/** What `vmgstool` prints in addition to its results: always on standard error, as scripts take standard output. */

import type { Warning } from "vmgskit";
import type { CommandContext } from "../context.ts";
import { type ProgramWords, printJson, reportWarnings } from "../messages.ts";
import { escapeText } from "../terminal/index.ts";

export const VMGSTOOL: ProgramWords = {
  name: "vmgstool",
  hints: {
    VMGS_FILE_EXISTS: "choose another path; --force-create replaces VMGS files, and the key of make-key",
    VMGS_DISK_EMPTY: "delete it; `vmgstool create -f FILE` then makes a new store in its place",
    VMGS_EMPTY_STORE: "the disk is blank: `vmgstool create -f FILE --force-create` formats it",
    VMGS_VHD_FOOTER_MISSING: "vmgstool takes fixed VHDs only; `vmgs` opens raw images too",
    VMGS_NO_VALID_HEADER: "`vmgstool dump-headers -f FILE` shows both headers",
    VMGS_SEQUENCE_CONFLICT: "`vmgstool dump-headers -f FILE` shows both headers",
    VMGS_CORRUPT_FILE_TABLE:
      "`vmgs inspect FILE --generation previous` shows whether the one before is sound",
    VMGS_FILE_NOT_ALLOCATED: "`vmgstool dump-file-table -f FILE` lists the files of the store",
    VMGS_FILE_ALLOCATED: "add --allow-overwrite to replace it",
    VMGS_INSUFFICIENT_SPACE: "delete files, or make a larger store",
    VMGS_NOT_ENCRYPTED:
      "leave the key away, or encrypt the store: `vmgstool encrypt -f FILE -k KEY -e AES_GCM`",
    VMGS_NEEDS_UNLOCK: "give the key with -k FILE, or put its path into VMGS_KEY_FILE",
  },
};

/** Warnings for people; documents have their own place for them. */
export function warn(context: CommandContext, warnings: readonly Warning[], file: string): Promise<void> {
  return reportWarnings(context, warnings, file, VMGSTOOL);
}

/** One line about what was done or found. */
export async function say(context: CommandContext, line: string): Promise<void> {
  if (!context.json) await context.stderr.write(`vmgstool: ${escapeText(line)}\n`);
}

/** What a command that changes a store reports when it is done. */
export interface ChangeReport {
  readonly file: string;
  readonly command: string;
  /** What was done, in words. */
  readonly done: string;
  /** Sequence number of the store afterwards. */
  readonly sequence: number;
  readonly warnings: readonly Warning[];
}

export async function reportChange(context: CommandContext, report: ChangeReport): Promise<void> {
  const { file, done, sequence } = report;
  if (context.json) await printJson(context, "vmgstool.change/1", report);
  else await say(context, `${file}: ${done}; sequence ${sequence}`);
}
