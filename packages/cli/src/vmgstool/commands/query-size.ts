import { describeFileId, fileIdName, VmgsError } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { print, printJson } from "../../messages.ts";
import { FILE_OPTION, ID_OPTION, JSON_OPTION } from "../options.ts";
import { withStore } from "../stores.ts";
import { fileIdOf, textOf } from "../values.ts";

export const querySize: CommandDeclaration = {
  name: "query-size",
  summary: "print how many bytes a file of the store has",
  description: "Standard output has the number and nothing else: scripts may rely on it.",
  args: [],
  options: [FILE_OPTION, ID_OPTION, JSON_OPTION],
  examples: [
    { command: "vmgstool query-size -f vm.vmgs -i TPM_NVRAM", meaning: "the size of the vTPM's state" },
  ],
  async run(context, _args, options) {
    const fileId = fileIdOf(options);
    const file = textOf(options, "filePath");
    await withStore(context, { file }, async ({ store, warnings }) => {
      const record = store.state.files.get(fileId);
      if (record === undefined) {
        throw new VmgsError("VMGS_FILE_NOT_ALLOCATED", `the store has no ${describeFileId(fileId)}`, {
          fileId,
        });
      }
      const { byteLength: bytes } = record;
      if (!context.json) return print(context, String(bytes));
      const document = { file, id: fileId, name: fileIdName(fileId), bytes, warnings };
      return printJson(context, "vmgstool.query-size/1", document);
    });
    return 0;
  },
};
