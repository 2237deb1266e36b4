import { describeFileId } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { reportChange } from "../messages.ts";
import { FILE_OPTION, ID_OPTION, JSON_OPTION } from "../options.ts";
import { withWritableStore } from "../stores.ts";
import { fileIdOf, textOf } from "../values.ts";

export const deleteFile: CommandDeclaration = {
  name: "delete",
  summary: "delete a file of the store",
  description: "Its bytes stay on the disk until they are overwritten; `vmgs rm --wipe` zeroes them.",
  args: [],
  options: [FILE_OPTION, ID_OPTION, JSON_OPTION],
  examples: [{ command: "vmgstool delete -f vm.vmgs -i TPM_NVRAM", meaning: "forget the vTPM" }],
  async run(context, _args, options) {
    const fileId = fileIdOf(options);
    const file = textOf(options, "filePath");
    await withWritableStore(context, { file }, async ({ store, warnings }) => {
      const { next } = await store.commit([{ kind: "delete", fileId }], { signal: context.signal });
      const done = `deleted ${describeFileId(fileId)}`;
      const { sequence } = next.header;
      await reportChange(context, { file, command: "delete", done, sequence, warnings });
    });
    return 0;
  },
};
