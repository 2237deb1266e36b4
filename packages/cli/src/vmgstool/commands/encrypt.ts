import { isEncrypted, VmgsError } from "vmgskit";
import type { CommandDeclaration } from "../../declaration/index.ts";
import { reportChange } from "../messages.ts";
import { ALGORITHM_OPTION, FILE_OPTION, JSON_OPTION, KEY_OPTION } from "../options.ts";
import { requireKey, withWritableStore } from "../stores.ts";
import { textOf } from "../values.ts";

export const encrypt: CommandDeclaration = {
  name: "encrypt",
  summary: "encrypt a plain store",
  description:
    "Files that exist stay plain until they are written again; `vmgs encrypt` also rewrites those that hold secrets.",
  args: [],
  options: [
    FILE_OPTION,
    { ...KEY_OPTION, meaning: `the new key; ${KEY_OPTION.meaning}` },
    { ...ALGORITHM_OPTION, required: true },
    JSON_OPTION,
  ],
  examples: [{ command: "vmgstool encrypt -f vm.vmgs -k vm.key -e AES_GCM", meaning: "add the first key" }],
  async run(context, _args, options) {
    const key = await requireKey(context, options);
    const file = textOf(options, "filePath");
    await withWritableStore(context, { file }, async ({ store, warnings }) => {
      if (isEncrypted(store.state)) {
        const message = "the store is encrypted already; vmgstool update-key replaces its key";
        throw new VmgsError("VMGS_NEEDS_UNLOCK", message);
      }
      await store.addKey(key.secret);
      const { sequence } = store.state.header;
      const done = "encrypted; files that exist stay plain until they are written again";
      await reportChange(context, { file, command: "encrypt", done, sequence, warnings });
    });
    return 0;
  },
};
