import { FileId, VmgsError, type WritableDisk } from "vmgskit";
import { type Migration, type NotMigrated, planMigration, writeMigration } from "vmgskit/migration";
import { createDiskFile, nodeCipher } from "vmgskit/node";
import type { CommandContext } from "../context.ts";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  newKeyOption,
  type OptionValues,
} from "../declaration/index.ts";
import { withGuestState } from "../guest-states.ts";
import { aboutHostFile, checkHostPath } from "../host-files.ts";
import { print, printJson, say } from "../messages.ts";
import { generationOf, readKey } from "../stores.ts";
import { escapeText, formatCount, formatSize, parseSize } from "../terminal/index.ts";
import { printWrapped } from "../wrapped.ts";

export const migrate: CommandDeclaration = {
  name: "migrate",
  summary: "make a version 3 store with the UEFI variables of a version 1 file of Windows",
  description:
    "Only UEFI variables come along, in the order vendor, name, with their attributes. What has no place in a version 3 " +
    "store is listed: the time of the last update, and the states of other devices. No vTPM comes along, so what the " +
    "guest sealed to it (BitLocker) needs its recovery key. FILE is only read; shut its VM down first.",
  args: [
    { name: "FILE", meaning: "the version 1 file", required: true },
    { name: "OUT", meaning: "the new store, a fixed VHD; it must not exist", required: true, output: true },
  ],
  options: [
    { flags: "--dry-run", meaning: "show what would come along; write nothing" },
    { flags: "--size <BYTES>", meaning: "bytes of a new store: 4194304, 4M", fallback: "4M" },
    newKeyOption("encrypt the new store"),
    GENERATION_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs migrate windows.vmgs new.vmgs --dry-run", meaning: "see what would come along" },
    { command: "vmgs migrate windows.vmgs new.vmgs", meaning: "make the new store" },
    { command: "vmgs migrate windows.vmgs new.vmgs --key vm.key", meaning: "make it encrypted" },
  ],
  async run(context, args, options) {
    const [file, out] = args as [string, string];
    checkHostPath(out, "the output file");
    const byteLength = options.size === undefined ? undefined : parseSize(options.size as string, "--size");
    const key = await readKey(context, options);
    const migration = await withGuestState(context, file, { ...options, key: undefined }, (state) => {
      if (state.version === 1) return planMigration(state.file);
      throw new VmgsError("VMGS_V3_FORMAT", "the file is a version 3 store already");
    });
    if (options.dryRun !== true) {
      context.signal.throwIfAborted();
      const prepare = async (disk: WritableDisk) => {
        await writeMigration(disk, migration, { cipher: nodeCipher, ...(key && { key }) });
      };
      const made = { prepare, ...(byteLength !== undefined && { byteLength }) };
      await aboutHostFile(out, "the output file", () => createDiskFile(out, made));
    }
    await report(context, { file, out, options, migration, encrypted: key !== undefined });
    return 0;
  },
};

interface Report {
  readonly file: string;
  readonly out: string;
  readonly options: OptionValues;
  readonly migration: Migration;
  readonly encrypted: boolean;
}

const NOTES = [
  "no vTPM comes along: the guest meets a new one, and what is sealed to the old one, such as BitLocker, asks for its recovery key",
  "the next boot of the new store is the first that OpenHCL sees of this VM",
];

async function report(context: CommandContext, facts: Report): Promise<void> {
  const { file, out, options, migration, encrypted } = facts;
  const { variables, list, notMigrated } = migration;
  const dryRun = options.dryRun === true;
  if (context.json) {
    await printJson(context, "vmgs.migrate/1", {
      file,
      out,
      dryRun,
      generation: generationOf(options),
      variables,
      bytes: list.length,
      encrypted,
      notMigrated,
      notes: NOTES,
    });
    return;
  }
  const held = `${formatCount(variables, "variable")} in BIOS_NVRAM (${FileId.BIOS_NVRAM}), ${formatSize(list.length)}`;
  const line = `${escapeText(out)}: ${dryRun ? "would hold " : ""}${held}${encrypted ? ", encrypted" : ""}`;
  await (dryRun ? print : say)(context, line);
  if (context.quiet) return;
  for (const one of notMigrated) await printWrapped(context, "  left behind: ", leftWords(one));
  for (const note of NOTES) await printWrapped(context, "  note: ", note);
}

function leftWords(one: NotMigrated): string {
  switch (one.kind) {
    case "lastUpdateTime":
      return `time of the last update, ${escapeText(one.value)}`;
    case "state": {
      const type = one.type === null ? "" : ` (${escapeText(one.type)})`;
      return `state ${escapeText(one.state)} of device ${escapeText(one.device)}${type}`;
    }
    case "variable":
      return `variable ${escapeText(JSON.stringify(one.name))}: ${one.reason}`;
  }
}
