import { describeFileId, parseFileId } from "vmgskit";
import { changeStore } from "../changes.ts";
import {
  CHANGE_OPTIONS,
  type CommandDeclaration,
  DISK_OPTIONS,
  fileIdArgument,
  JSON_OPTION,
  KEY_OPTION,
  storeArgument,
} from "../declaration/index.ts";
import { withWritableStore } from "../stores-for-change.ts";

export const rm: CommandDeclaration = {
  name: "rm",
  summary: "delete files from a store",
  description:
    "All files go in one transaction, or none. Their bytes stay in free blocks until they are overwritten; --wipe " +
    "overwrites them at once. The previous generation can still be read until the next change.",
  args: [storeArgument, { ...fileIdArgument(), many: true }],
  options: [...CHANGE_OPTIONS, KEY_OPTION, ...DISK_OPTIONS, JSON_OPTION],
  examples: [
    { command: "vmgs rm vm.vmgs PROVISIONING_MARKER", meaning: "delete the marker" },
    { command: "vmgs rm vm.vmgs TPM_PPI TPM_NVRAM --wipe", meaning: "reset the vTPM, leaving no trace" },
  ],
  async run(context, args, options) {
    const file = args[0] as string;
    const ids = [...new Set((args[1] as readonly string[]).map(parseFileId))];
    await withWritableStore(context, file, options, (store, warnings) =>
      changeStore(context, store, {
        file,
        options,
        changes: ids.map((fileId) => ({ kind: "delete", fileId })),
        done: `deleted ${ids.map(describeFileId).join(", ")}`,
        warnings,
      }),
    );
    return 0;
  },
};
