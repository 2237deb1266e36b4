import { describeFileId, parseFileId } from "vmgskit";
import { changeStore, reportNoChange } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdArgument,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../declaration/index.ts";
import { UsageError } from "../exit-codes.ts";
import { withWritableStore } from "../stores-for-change.ts";

export const mv: CommandDeclaration = {
  name: "mv",
  summary: "give a file of a store another ID",
  description: "The content stays where it is. In an encrypted store the key is needed.",
  args: [storeArgument, fileIdArgument("FROM"), fileIdArgument("TO", "the new ID")],
  options: [
    { flags: "--force", meaning: "replace the file that has the new ID" },
    ...CHANGE_OPTIONS,
    KEY_OPTION,
    ...DISK_OPTIONS,
    JSON_OPTION,
  ],
  examples: [
    { command: "vmgs mv vm.vmgs TPM_NVRAM TPM_NVRAM_BACKUP", meaning: "put the state of the vTPM aside" },
    { command: "vmgs mv vm.vmgs 17 18", meaning: "move a marker of a development build to its place" },
  ],
  async run(context, args, options) {
    const [file, from, to] = args as [string, string, string];
    const [source, target] = [parseFileId(from), parseFileId(to)];
    const overwrite = options.force === true;
    if (source === target && !overwrite) {
      throw new UsageError(`FROM and TO are both ${describeFileId(source)}`);
    }
    await withWritableStore(context, file, options, async (store, warnings) => {
      const changes = [{ kind: "move", fileId: source, to: target, overwrite }] as const;
      if ((await store.plan(changes)).commit === null && options.wipe !== true) {
        await reportNoChange(context, store, { file, options, warnings });
        return;
      }
      const done = `moved ${describeFileId(source)} to ${describeFileId(target)}`;
      await changeStore(context, store, { file, options, changes, done, warnings });
    });
    return 0;
  },
};
