import { describeFileId } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { reportChange } from "../messages.ts";
import { ALLOW_OVERWRITE_OPTION, FILE_OPTION, ID_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { readGivenKey, requireUnlocked, withWritableStore } from "../stores.ts";
import { fileIdOf, textOf } from "../values.ts";

export const move: CommandDeclaration = {
  name: "move",
  summary: "give a file of the store another ID",
  description: "The content stays where it is. In an encrypted store the key is needed.",
  args: [],
  options: [
    FILE_OPTION,
    { ...ID_OPTION, flags: "--src-file-id <ID>", aliases: ["--src"] },
    { ...ID_OPTION, flags: "--dst-file-id <ID>", meaning: "the new ID", aliases: ["--dst"] },
    KEY_OPTION,
    ALLOW_OVERWRITE_OPTION,
    JSON_OPTION,
  ],
  examples: [
    {
      command: "vmgstool move -f vm.vmgs --src TPM_NVRAM --dst TPM_NVRAM_BACKUP",
      meaning: "put the state of the vTPM aside",
    },
  ],
  async run(context, _args, options) {
    const [fileId, to] = [fileIdOf(options, "srcFileId"), fileIdOf(options, "dstFileId")];
    const file = textOf(options, "filePath");
    const key = await readGivenKey(context, options);
    await withWritableStore(context, { file, key }, async ({ store, warnings }) => {
      requireUnlocked(store.state);
      const change = { kind: "move", fileId, to, overwrite: options.allowOverwrite === true } as const;
      const { next } = await store.commit([change], { signal: context.signal });
      const done = `moved ${describeFileId(fileId)} to ${describeFileId(to)}`;
      const { sequence } = next.header;
      await reportChange(context, { file, command: "move", done, sequence, warnings });
    });
    return 0;
  },
};
