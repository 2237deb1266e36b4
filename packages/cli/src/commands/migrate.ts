import { VmgsError, type WritableDisk } from "vmgskit";
import { planMigration, writeMigration } from "vmgskit/migration";
import { createDiskFile, nodeCipher } from "vmgskit/node";
import { migrateDocument, migrateView } from "vmgskit/report";
import {
  type CommandDeclaration,
  DISK_OPTIONS,
  GENERATION_OPTION,
  JSON_OPTION,
  newKeyOption,
} from "../declaration/index.ts";
import { withGuestState } from "../guest-states.ts";
import { aboutHostFile, checkHostPath } from "../host-files.ts";
import { printDocument, showView } from "../show.ts";
import { generationOf, readKey } from "../stores.ts";
import { parseSize } from "../terminal/index.ts";

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
    const dryRun = options.dryRun === true;
    const facts = { out, dryRun, generation: generationOf(options), encrypted: key !== undefined };
    const document = migrateDocument(file, migration, facts);
    if (context.json) await printDocument(context, document);
    else if (!context.quiet) await showView(context, migrateView(document));
    else if (dryRun) await showView(context, { ...migrateView(document), sections: [] });
    return 0;
  },
};
